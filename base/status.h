// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Every error of the pipeline, once: (name, stage, text). The order of the stages is the order of
// the checks, and the first error found is the one reported, on host and target alike. The public
// name is KPKG_E_ + name.

// clang-format off
#define STATUS_LIST(X) \
    /* program */ \
    X(BUG, "program", "a condition that the code rules out; please report it") \
    X(NO_MEMORY, "program", "the memory given to this stage is used up") \
    X(USAGE, "program", "the command line is not understood") \
    X(IO, "program", "a file cannot be read or written") \
    X(DATABASE, "program", "a database cannot be reached, or refused a statement") \
    /* page0 */ \
    X(TRUNCATED, "page0", "the file is shorter than one page") \
    X(LENGTH_UNALIGNED, "page0", "the file length is not a multiple of 4096") \
    X(FILE_TOO_LARGE, "page0", "the file is larger than allowed here") \
    X(MAGIC, "page0", "this is not a .kpkg file") \
    X(MAGIC_TEXT_MANGLED, "page0", "the file was damaged by a text-mode transfer") \
    X(VERSION, "page0", "the format version is not supported") \
    X(FLAGS, "page0", "a flag is set that version 1 does not know") \
    X(MACHINE, "page0", "the package is for another machine") \
    X(ABI, "page0", "the start contract is not supported") \
    X(RESERVED, "page0", "a reserved byte is not zero") \
    X(MANIFEST_EMPTY, "page0", "the manifest has no bytes") \
    X(MANIFEST_TOO_LARGE, "page0", "the manifest is larger than 64 KiB") \
    X(BINARY_TOO_SMALL, "page0", "the binary is smaller than an ELF header") \
    X(BINARY_TOO_LARGE, "page0", "the binary is larger than allowed here") \
    X(BODY_TRUNCATED, "page0", "the file is shorter than its header says") \
    X(TRAILING_DATA, "page0", "the file is longer than its header says") \
    X(NAME_EMPTY, "page0", "the package name is empty") \
    X(NAME_UNTERMINATED, "page0", "the package name is longer than 63 bytes") \
    X(NAME_PADDING, "page0", "bytes follow the end of the package name") \
    X(NAME_CHAR, "page0", "a byte is not allowed in a package name") \
    X(NAME_LABEL, "page0", "a label of the package name is empty, too long or starts with a digit or hyphen") \
    X(UNSIGNED, "page0", "the package has no signature") \
    X(SIG_DUPLICATE, "page0", "two signatures are by the same key") \
    X(SIG_ORDER, "page0", "signature slots are not in ascending order of keys") \
    X(SIG_GAP, "page0", "a used signature slot follows an empty one") \
    X(SIG_AREA, "page0", "a byte after the signature slots is not zero") \
    X(SIG_KEY, "page0", "the public key of a signature is not a valid Ed25519 key") \
    X(SIG_NONCANONICAL, "page0", "a signature is not in canonical form") \
    X(SIG_INVALID, "page0", "a signature does not verify") \
    /* trust */ \
    X(SIGNER_UNKNOWN, "trust", "no signer is listed in the trust file") \
    X(KEY_REVOKED, "trust", "the signing key is revoked") \
    X(KEY_SCOPE, "trust", "no signing key may sign for this name") \
    X(KEY_WINDOW, "trust", "the counter is outside the signing key's window") \
    X(NO_RULE, "trust", "no rule of the trust file covers this name") \
    X(THRESHOLD, "trust", "too few trusted keys have signed") \
    X(ROLLBACK, "trust", "the counter is below the floor: this is an old version") \
    X(PACKAGE_DENIED, "trust", "this package is on the deny list") \
    /* content */ \
    X(MANIFEST_DIGEST, "content", "the manifest is not the one that was signed") \
    X(TABLE_DIGEST, "content", "the page table is not the one that was signed") \
    X(PAGE_DIGEST, "content", "a page of the binary is not the one that was signed") \
    X(MANIFEST_PADDING, "content", "a padding byte after the manifest is not zero") \
    X(TABLE_PADDING, "content", "a padding byte after the page table is not zero") \
    X(BINARY_PADDING, "content", "a padding byte after the binary is not zero") \
    /* toml */ \
    X(TOML_TOO_LARGE, "toml", "a text file is larger than 64 KiB") \
    X(TOML_NUL, "toml", "a NUL byte in a text file") \
    X(TOML_BOM, "toml", "a byte order mark in a text file") \
    X(TOML_UTF8, "toml", "not UTF-8") \
    X(TOML_CONTROL, "toml", "a control character that TOML forbids") \
    X(TOML_SYNTAX, "toml", "not TOML 1.0") \
    X(TOML_DUPLICATE_KEY, "toml", "a key is defined twice") \
    X(TOML_DEPTH, "toml", "tables or arrays are nested too deeply") \
    X(TOML_INT_RANGE, "toml", "an integer does not fit in 64 bits") \
    X(TOML_TYPE, "toml", "a value has the wrong type") \
    X(TOML_TOO_MANY, "toml", "too many keys and values in one file") \
    /* schema */ \
    X(MANIFEST_UNKNOWN_KEY, "schema", "a key that the schema does not know") \
    X(MANIFEST_MISSING_KEY, "schema", "a key that the schema requires is missing") \
    X(MANIFEST_VALUE, "schema", "a value is not allowed here") \
    X(NAME_MISMATCH, "schema", "manifest and header disagree about the name") \
    X(COUNTER_MISMATCH, "schema", "manifest and header disagree about the counter") \
    /* ceiling */ \
    X(CEILING, "ceiling", "a request is beyond what the signing keys may grant") \
    X(CEILING_THRESHOLD, "ceiling", "too few signing keys cover a request") \
    X(RESOURCE_ABSENT, "ceiling", "the system does not have what is requested") \
    /* elf */ \
    X(ELF_MAGIC, "elf", "not an ELF file") \
    X(ELF_CLASS, "elf", "not a 64-bit ELF file") \
    X(ELF_ENDIAN, "elf", "not a little-endian ELF file") \
    X(ELF_TYPE, "elf", "not an executable (ET_EXEC) ELF file") \
    X(ELF_MACHINE, "elf", "the ELF file is for another machine than the header says") \
    X(ELF_EHSIZE, "elf", "the ELF header size is wrong") \
    X(ELF_PHDR_BOUNDS, "elf", "the program headers are outside the file") \
    X(ELF_PHENTSIZE, "elf", "the program header size is wrong") \
    X(ELF_NO_LOAD, "elf", "there is nothing to load") \
    X(ELF_INTERP, "elf", "the program wants an interpreter; link it statically") \
    X(ELF_DYNAMIC, "elf", "the program is dynamically linked; link it statically") \
    X(ELF_SEG_BOUNDS, "elf", "a segment is outside the file") \
    X(ELF_SEG_WRAP, "elf", "a segment wraps around the address space") \
    X(ELF_FILESZ_MEMSZ, "elf", "a segment has more bytes in the file than in memory") \
    X(ELF_ALIGN, "elf", "a segment's file offset and address differ within a page") \
    X(ELF_ORDER, "elf", "segments are not in ascending order of addresses") \
    X(ELF_OVERLAP, "elf", "two segments overlap") \
    X(ELF_SHARED_PAGE, "elf", "two segments share a page; link with -z separate-code") \
    X(ELF_TAIL, "elf", "bytes beside a read-only segment in its pages are not zero") \
    X(ELF_WX, "elf", "a segment is writable and executable") \
    X(ELF_VADDR, "elf", "a segment is outside the addresses for programs") \
    X(ELF_ENTRY, "elf", "the entry point is not in an executable segment") \
    X(ELF_STACK_EXEC, "elf", "the program asks for an executable stack") \
    X(ELF_TOO_MANY, "elf", "too many segments to load") \
    /* key */ \
    X(KEY_PEM, "key", "not a PEM key file") \
    X(KEY_ENCRYPTED, "key", "the private key is encrypted") \
    X(KEY_BASE64, "key", "the key is not canonical base64") \
    X(KEY_DER, "key", "the key is not the expected PKCS#8 or SubjectPublicKeyInfo form") \
    X(KEY_ALGORITHM, "key", "the key is not an Ed25519 key") \
    X(KEY_LENGTH, "key", "the key has the wrong length") \
    X(KEY_TRAILING, "key", "data follows the key") \
    X(KEY_PUB_MISMATCH, "key", "the public part does not belong to the private part") \
    X(KEY_WEAK, "key", "the public key is not canonical or not of prime order") \
    X(KEY_PERMISSIONS, "key", "the private key is readable by group or others") \
    X(SIG_PREHASHED, "key", "the signature is over a prehash, which separates nothing") \
    X(SIG_OTHER_PACKAGE, "key", "the signature is for another file") \
    X(SIG_FULL, "key", "there is no room for another signature") \
    /* policy */ \
    X(POLICY_SCHEMA, "policy", "the trust file does not follow its schema") \
    X(POLICY_SIGNATURE, "policy", "the trust file is not signed by enough root keys") \
    X(POLICY_NO_ROOT, "policy", "a trust file without root keys takes no updates") \
    X(POLICY_ROLLBACK, "policy", "the trust file is not newer than the one in use") \
    X(POLICY_DUP_KEY, "policy", "a key is listed twice") \
    X(POLICY_DUP_RULE, "policy", "two rules have the same pattern") \
    X(POLICY_PATTERN, "policy", "not a name, \"prefix.*\" or \"*\"") \
    X(POLICY_UNKNOWN_KEY, "policy", "a key id that is not listed") \
    X(POLICY_UNKNOWN_CEILING, "policy", "a ceiling that is not defined") \
    X(POLICY_THRESHOLD, "policy", "a threshold that can never or always be met") \
    X(POLICY_WINDOW, "policy", "a counter window that is empty") \
    /* system */ \
    X(SYSTEM_UNKNOWN_KEY, "system", "a key that the system schema does not know") \
    X(SYSTEM_MISSING_KEY, "system", "a key that the system schema requires is missing") \
    X(SYSTEM_VALUE, "system", "a value is not allowed in a system file") \
    X(INSTANCE_NAME, "system", "two instances have the same name") \
    X(PEER_ABSENT, "system", "a peer that is not in the system") \
    X(PEER_ROLE, "system", "the peer does not serve or own this name") \
    X(PEER_DENIED, "system", "the peer does not allow this package") \
    X(PEER_SIZE, "system", "the peer's region has another size") \
    X(PEER_AMBIGUOUS, "system", "more than one instance serves this name") \
    X(RESOURCE_TAKEN, "system", "the interrupt line, ports or device memory belongs to someone else") \
    X(SPAWN_ABSENT, "system", "nobody has the right to start this instance") \
    X(SPAWN_QUOTA, "system", "a child is more than its parent may start") \
    X(SPAWN_EXCEEDS, "system", "a child asks for what its parent does not hold") \
    X(OVERRIDE, "system", "an override that would widen what the package asks for") \
    X(ASSERTION, "system", "the system is not what its file asserts") \
    /* compile */ \
    X(BUDGET, "compile", "a budget does not fit its period, the kernel or limits.cpu") \
    X(PRIORITY, "compile", "the priority is not below the root task's") \
    X(MEMORY_LIMIT, "compile", "the memory limit is smaller than the plan needs") \
    X(CAP_NAME, "compile", "two capabilities of one program have the same name") \
    X(TRACE, "compile", "an endpoint that cannot be traced") \
    X(TOO_MANY_CAPS, "compile", "more capabilities than a CNode may hold") \
    X(RECORD_TOO_LARGE, "compile", "capabilities, regions and arguments do not fit into the start-up record") \
    /* check */ \
    X(PLAN_CAP, "check", "the plan holds a capability that nobody asked for, or a stronger one") \
    X(PLAN_MISSING, "check", "the plan lacks a capability that was asked for") \
    X(PLAN_SHARED, "check", "the plan lets one target reach another's objects") \
    X(PLAN_CONTROL, "check", "the plan gives a target control over kernel objects") \
    X(PLAN_SLOT, "check", "a slot holds neither an issued capability nor a tripwire") \
    X(PLAN_SUM, "check", "memory, slots or time of the plan do not add up") \
    X(PLAN_MAPPING, "check", "mappings of the plan overlap, alias or are not what the binary says") \
    X(PLAN_THREAD, "check", "a thread of the plan is not what was asked for") \
    X(PLAN_CHILD, "check", "the plan lets a target start more than it holds") \
    X(PLAN_SHAPE, "check", "the plan is not well formed") \
    /* bundle */ \
    X(BUNDLE, "bundle", "the boot bundle is damaged") \
    /* spawn */ \
    X(KERNEL_REFUSED, "spawn", "the kernel refused an invocation") \
    X(KERNEL_UNKNOWN, "spawn", "the kernel's configuration is not understood") \
    X(OUT_OF_UNTYPED, "spawn", "no untyped memory is left that is large enough") \
    X(OUT_OF_SLOTS, "spawn", "no capability slots are left") \
    X(LIVE_DIFFERS, "spawn", "the capabilities in the kernel differ from the plan") \
    /* control */ \
    X(CONTROL_REQUEST, "control", "the request is not understood") \
    X(CONTROL_BUSY, "control", "another request is being carried out") \
    X(CONTROL_SILENT, "control", "nobody answers on the control channel") \
    X(CONTROL_FULL, "control", "there is no room for another package") \
    X(INSTANCE_CHANGED, "control", "an instance that is there would be something else than it was") \
    X(INSTANCE_ABSENT, "control", "no instance has this name") \
    X(INSTANCE_STATE, "control", "the instance is not in a state for this") \
    /* kernel */ \
    X(KERNEL_ABSENT, "kernel", "no seL4 kernel was found") \
    X(KERNEL_FILE, "kernel", "this is not a kernel as a Microkit SDK has it") \
    X(KERNEL_OPTION, "kernel", "the kernel was built with an option that is not supported") \
    X(KERNEL_LABELS, "kernel", "the kernel's invocation labels do not follow from its options") \
    X(MACHINE_START, "kernel", "the machine that boots the kernel cannot be started") \
    X(TOOL, "kernel", "a program that this needs is missing or failed") \
    /* registry */ \
    X(REGISTRY_UNREACHABLE, "registry", "the registry cannot be reached, or the connection broke") \
    X(REGISTRY_AUTH, "registry", "the registry wants other credentials") \
    X(CREDENTIAL_HELPER, "registry", "the credential helper gives no login that can be used") \
    X(REGISTRY_ABSENT, "registry", "the registry has nothing of this name") \
    X(REGISTRY_REFUSED, "registry", "the registry refuses") \
    X(REGISTRY_ANSWER, "registry", "the registry's answer is not what the protocol or the limits allow") \
    /* artifact */ \
    X(REGISTRY_ARTIFACT, "artifact", "what the registry has there is not one package") \
    X(REGISTRY_DIGEST, "artifact", "what the registry sent is not what the digest names") \
    /* index */ \
    X(INDEX_LOG, "index", "a log that does not begin with log.start names no run") \
    X(INDEX_VERSION, "index", "the database has no index, or one of another version") \
    /* hosted */ \
    X(HOST_REFUSED, "hosted", "the host system refused what the hosted kernel needs") \
    X(FOREIGN, "hosted", "this is no seL4 root task") \
    X(IMAGE, "hosted", "the boot image cannot be loaded")
// clang-format on

enum status {
    STATUS_OK = 0,
#define STATUS_ENUM(name, stage, text) STATUS_##name,
    STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
        STATUS_COUNT,
};

// Every function that can fail says so in its type.
#define MUST_CHECK __attribute__((warn_unused_result))
