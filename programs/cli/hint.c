// SPDX-License-Identifier: BSD-2-Clause

// What to do next, one line for each status that a user can act on; the others need none. A hint
// never explains the error again: `kpkg explain` does (docs/errors.md).

#include "hint.h"

#include <stddef.h>

static const char *const HINTS[STATUS_COUNT] = {
    [STATUS_MAGIC] = "a package is made by `kpkg pack MANIFEST -o FILE`",
    [STATUS_MAGIC_TEXT_MANGLED] = "transfer the file again in binary mode",
    [STATUS_TRUNCATED] = "the copy is incomplete: fetch the file again",
    [STATUS_BODY_TRUNCATED] = "the copy is incomplete: fetch the file again",
    [STATUS_LENGTH_UNALIGNED] = "the copy is incomplete or something was appended",
    [STATUS_UNSIGNED] = "sign it: kpkg sign FILE --key KEY",
    [STATUS_SIG_DUPLICATE] = "this key has signed it already",
    [STATUS_SIG_INVALID] = "the file changed after it was signed; do not use it",
    [STATUS_MANIFEST_DIGEST] = "the file changed after it was signed; do not use it",
    [STATUS_TABLE_DIGEST] = "the file changed after it was signed; do not use it",
    [STATUS_PAGE_DIGEST] = "the file changed after it was signed; do not use it",
    [STATUS_SIGNER_UNKNOWN] = "list a signer's key in the trust file: `kpkg key show` prints it",
    [STATUS_KEY_REVOKED] = "have the package signed with a key that is active",
    [STATUS_KEY_SCOPE] = "widen `names` of the key in the trust file, or sign with another key",
    [STATUS_KEY_WINDOW] = "the key is retired for this counter; sign with its successor",
    [STATUS_NO_RULE] = "add a [[rule]] for this name to the trust file",
    [STATUS_THRESHOLD] = "another trusted key must sign: kpkg sign FILE --key KEY",
    [STATUS_ROLLBACK] =
        "take a newer version; the trust file's `floor`, or what runs already, rules this one out",
    [STATUS_CEILING] = "ask for less, or raise the signing key's [ceiling] in the trust file",
    [STATUS_CEILING_THRESHOLD] = "another key with a sufficient ceiling must sign",
    [STATUS_ELF_TYPE] = "link with -static -no-pie, or use kpkg_add_package() of CMake",
    [STATUS_ELF_INTERP] = "link with -static -no-pie, or use kpkg_add_package() of CMake",
    [STATUS_ELF_DYNAMIC] = "link with -static -no-pie, or use kpkg_add_package() of CMake",
    [STATUS_ELF_ALIGN] = "link with -z max-page-size=4096 -z separate-code",
    [STATUS_ELF_SHARED_PAGE] = "link with -z max-page-size=4096 -z separate-code",
    [STATUS_KEY_ENCRYPTED] = "decrypt it for this use: openssl pkey -in FILE",
    [STATUS_KEY_ALGORITHM] = "make one: kpkg key generate FILE",
    [STATUS_KEY_PERMISSIONS] = "chmod 600 FILE",
    [STATUS_SIG_PREHASHED] = "sign with `minisign -S -l`",
    [STATUS_SIG_OTHER_PACKAGE] =
        "write the payload of this file: `kpkg payload` or `kpkg trust payload`",
    [STATUS_POLICY_SIGNATURE] = "have them sign: kpkg trust sign NEW.toml --key KEY",
    [STATUS_POLICY_NO_ROOT] = "add [root] with keys and threshold, by hand and on every machine",
    [STATUS_MEMORY_LIMIT] =
        "raise memory.limit of the manifest, or limits.memory of the system file",
    [STATUS_PEER_ABSENT] = "add the peer to the system, or mark it `optional = true`",
    [STATUS_PEER_ROLE] =
        "see which [endpoint.*], [notification.*] or [region.*] the peer's manifest owns",
    [STATUS_PEER_SIZE] = "give both sides of a region the same `size`",
    [STATUS_PEER_AMBIGUOUS] = "let only one instance of the peer `allow` this package",
    [STATUS_RESOURCE_TAKEN] =
        "each line, port and device has one driver; the root task keeps 0x3f8-0x3ff and 0xf4-0xf7",
    [STATUS_RESOURCE_ABSENT] =
        "this version, this machine or a system that runs cannot give it; leave it out",
    [STATUS_ASSERTION] = "`kpkg check SYSTEM` shows the shortest way that breaks it",
    [STATUS_SPAWN_ABSENT] =
        "`parent` names an instance and its [spawn.NAME] for this package: \"boss/worker\"",
    [STATUS_SPAWN_QUOTA] = "ask for less, or raise the parent's [spawn.NAME] or cpu.max-priority",
    [STATUS_SPAWN_EXCEEDS] = "let the parent ask for it as well: it gives what it holds",
    [STATUS_OVERRIDE] = "an override only lowers; to ask for more, change and sign the package",
    [STATUS_BUDGET] = "20us <= cpu.budget <= cpu.period, and all of them within limits.cpu",
    [STATUS_PRIORITY] = "at most 253: the root task keeps 254 and 255",
    [STATUS_CAP_NAME] =
        "give each [endpoint.*], [region.*], ... a short name of its own, not `exit`",
    [STATUS_TOO_MANY_CAPS] = "at most 64 capabilities, of which 16 regions and devices",
    [STATUS_RECORD_TOO_LARGE] = "ask for fewer capabilities, or give shorter arguments",
    [STATUS_INSTANCE_NAME] =
        "name one of them with `as` in the system file, or with `kpkg ctl install --as`",
    [STATUS_CONTROL_SILENT] =
        "start it with `kpkg run --control SOCKET`; it answers one client at a time",
    [STATUS_CONTROL_FULL] = "kpkg ctl remove INSTANCE, or a larger `control.places`",
    [STATUS_INSTANCE_ABSENT] = "`kpkg ctl list` shows all",
    [STATUS_KEY_PEM] = "`kpkg key generate` makes FILE, which signs, and FILE.pub, which verifies",
    [STATUS_PEER_DENIED] = "the peer's `allow` must name this package",
    [STATUS_FOREIGN] = "give the ELF file of a root task built for seL4 with MCS on x86_64",
    [STATUS_KERNEL_ABSENT] = "get a Microkit SDK (docs/real-sel4.md) and set MICROKIT_SDK to it",
    [STATUS_KERNEL_FILE] =
        "give a Microkit SDK, its board/x86_64_generic/release, or a kernel in it",
    [STATUS_KERNEL_OPTION] = "take the board x86_64_generic of a Microkit SDK, release or debug",
    [STATUS_KERNEL_LABELS] = "this kernel is newer than this version of kpkg; see `kpkg doctor`",
    [STATUS_REGISTRY_UNREACHABLE] = "the same command again goes on where it stopped",
    [STATUS_REGISTRY_AUTH] = "podman login REGISTRY, or docker login REGISTRY",
    [STATUS_CREDENTIAL_HELPER] =
        "credHelpers or credsStore in the login file names it: is it on the PATH, and unlocked?",
    [STATUS_HOST_REFUSED] =
        "the hosted kernel needs ptrace and a memfd; containers may forbid them",
};

const char *hint_for(enum status status)
{
    return HINTS[status];
}
