// SPDX-License-Identifier: BSD-2-Clause
#include "backend.h"
#include "command.h"
#include "diag_print.h"
#include "iso.h"
#include "json_bytes.h"
#include "kernel_find.h"
#include "print.h"
#include "tool.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

// `kpkg doctor`: what of the machine the commands can use, what is missing, and what to do about
// it.

struct doctor_options {
    const char *kernel;
    bool json;
};

struct check {
    const char *name;
    const char *use;  // what needs it
    const char *next; // what to do when it is missing
    bool required;    // for the hosted kernel, without which nothing runs
    bool found;
    char detail[PATH_MAX];
};

// A child that stops and is let go on as the hosted kernel does it.
static bool can_trace(void)
{
    pid_t child = fork();
    if (child == 0) {
        bool traced = ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
        raise(SIGSTOP);
        _exit(traced ? 0 : 1);
    }
    int how = 0;
    bool stopped = child > 0 && waitpid(child, &how, WUNTRACED) == child && WIFSTOPPED(how);
    bool traced = stopped && ptrace(PTRACE_SYSEMU, child, NULL, NULL) == 0;
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, &how, 0);
    }
    return traced;
}

// In a child, for it cannot be taken back.
static bool can_make_namespaces(void)
{
    pid_t child = fork();
    if (child == 0) {
        _exit(unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS) == 0 ? 0 : 1);
    }
    int how = 0;
    return child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

static bool can_share_memory(void)
{
    int fd = memfd_create("kpkg-doctor", MFD_CLOEXEC);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool has_fsgsbase(void)
{
    enum { HWCAP2_FSGSBASE_BIT = 1 << 1 };
    return (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT) != 0;
}

static struct check tool(const char *name, const char *use, const char *next)
{
    struct check check = {.name = name, .use = use, .next = next};
    check.found = tool_find(check.detail, name);
    return check;
}

static struct check grub(const struct iso_grub *grub)
{
    struct check check = {.name = grub->name,
                          .use = "kpkg image --iso",
                          .next = grub->next,
                          .found = access(grub->probe, R_OK) == 0};
    snprintf(check.detail, PATH_MAX, "%s", grub->folder);
    return check;
}

enum { CHECKS = 9 };

static size_t run_checks(struct check checks[static CHECKS])
{
    size_t count = 0;
    checks[count++] = (struct check){
        .name = "ptrace",
        .use = "the hosted kernel",
        .required = true,
        .found = can_trace(),
        .next = "allow ptrace: kernel.yama.ptrace_scope below 3, containers with SYS_PTRACE"};
    checks[count++] =
        (struct check){.name = "memfd",
                       .use = "the hosted kernel and QEMU",
                       .required = true,
                       .found = can_share_memory(),
                       .next = "allow memfd_create in the container's seccomp filter"};
    checks[count++] = (struct check){
        .name = "namespaces",
        .use = "the hosted kernel's second wall around programs",
        .found = can_make_namespaces(),
        .next = "sysctl kernel.unprivileged_userns_clone=1, or leave it: seccomp still holds"};
    checks[count++] = (struct check){.name = "fsgsbase",
                                     .use = "programs that set their own FS base",
                                     .found = has_fsgsbase(),
                                     .next = "a CPU since Ivy Bridge or Zen and Linux since 5.9"};
    checks[count++] =
        tool("qemu-system-x86_64", "kpkg run --kernel", "apt-get install qemu-system-x86");
    checks[count++] = tool("grub-mkimage", "kpkg image --iso", "apt-get install grub-common");
    for (size_t i = 0; i < ISO_GRUBS; i++) {
        checks[count++] = grub(&iso_grubs[i]);
    }
    checks[count++] = tool("xorriso", "kpkg image --iso", "apt-get install xorriso");
    return count;
}

static void print_check(const struct check *check)
{
    if (check->found) {
        bool bare = check->detail[0] == '\0';
        printf("  found    %-*s%s\n", bare ? 0 : 20, check->name, check->detail);
        return;
    }
    printf("  %s  %-19s for %s\n           next: %s\n", check->required ? "MISSING" : "missing",
           check->name, check->use, check->next);
}

static void print_kernel(const struct kernel *kernel)
{
    printf("  %s  ", kernel->refused.status == STATUS_OK ? "found  " : "REFUSED");
    print_name(stdout, bytes_text(kernel->elf));
    putchar('\n');
    if (kernel->refused.status != STATUS_OK) {
        diag_print(kernel->elf, &kernel->refused);
        if (kernel->refused.status == STATUS_KERNEL_OPTION) {
            printf("           %s is ", kernel->refused.what);
            print_name(stdout, (struct bytes){(const uint8_t *)kernel->refused.subject,
                                              kernel->refused.subject_len});
            printf(", supported is %s\n", kernel_config_wanted(kernel->refused.what));
        }
        return;
    }
    printf("           %s of Microkit %s, seL4 %s; MCS%s%s\n", kernel->name,
           kernel->sdk[0] != '\0' ? kernel->sdk : "(version unknown)", kernel_find_release(kernel),
           kernel->config.debug ? ", debug" : "", kernel->config.printing ? ", printing" : "");
    printf("           proof: %s\n", KERNEL_PROOF);
    printf("           sha256:%s\n", print_hex(kernel->digest, sizeof(kernel->digest)));
}

static json_t *kernel_json(const struct kernel *kernel)
{
    json_t *object =
        json_pack("{s:o, s:o, s:s, s:s, s:s, s:b}", "elf", json_bytes_text(bytes_text(kernel->elf)),
                  "config", json_bytes_text(bytes_text(kernel->name)), "sdk", kernel->sdk, "sha256",
                  print_hex(kernel->digest, sizeof(kernel->digest)), "proof", KERNEL_PROOF,
                  "supported", kernel->refused.status == STATUS_OK);
    if (kernel->refused.status == STATUS_OK) {
        json_object_update_new(object, json_pack("{s:s, s:b, s:b, s:b}", "release",
                                                 kernel_find_release(kernel), "mcs", true, "debug",
                                                 kernel->config.debug, "printing",
                                                 kernel->config.printing));
    } else {
        json_object_set_new(object, "refused", diag_json(&kernel->refused));
    }
    return object;
}

static void print_doctor_json(bool ok, const struct kernel_list *kernels,
                              const struct check *checks, size_t count)
{
    json_t *list = json_array(), *others = json_array();
    for (size_t i = 0; i < kernels->count; i++) {
        json_array_append_new(list, kernel_json(&kernels->at[i]));
    }
    for (size_t i = 0; i < count; i++) {
        const struct check *c = &checks[i];
        json_array_append_new(others, json_pack("{s:s, s:b, s:b, s:s, s:s}", "name", c->name,
                                                "found", c->found, "required", c->required, "for",
                                                c->use, "next", c->found ? "" : c->next));
    }
    print_json(json_pack("{s:s, s:b, s:s, s:o, s:o}", "schema", "kpkg.doctor/v1", "ok", ok,
                         "hosted_sha256", print_hex(backend_hosted_digest, CRYPTO_DIGEST),
                         "kernels", list, "checks", others));
}

static void print_doctor(const struct kernel_list *kernels, const struct check *checks,
                         size_t count)
{
    puts("this machine:");
    for (size_t i = 0; i < count; i++) {
        print_check(&checks[i]);
    }
    printf("\nhosted kernel:\n  found    sha256:%s\n",
           print_hex(backend_hosted_digest, CRYPTO_DIGEST));
    puts("\nseL4 kernels:");
    for (size_t i = 0; i < kernels->count; i++) {
        print_kernel(&kernels->at[i]);
    }
    if (kernels->count == 0) {
        puts("  missing  a kernel            for kpkg run --kernel, kpkg image --iso\n"
             "           next: download the Microkit SDK and set MICROKIT_SDK (docs/real-sel4.md)");
    }
}

static int run(const void *given, struct operands operands)
{
    (void)operands;
    const struct doctor_options *options = given;
    static struct kernel_list kernels;
    static struct check checks[CHECKS];
    struct diag diag;
    size_t count = run_checks(checks);
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        ok = ok && (checks[i].found || !checks[i].required);
    }
    enum status status = kernel_find_all(&kernels, options->kernel, &diag);
    if (status != STATUS_OK && status != STATUS_KERNEL_ABSENT) {
        diag_print(NULL, &diag);
        ok = false;
    }
    for (size_t i = 0; i < kernels.count; i++) {
        ok = ok && kernels.at[i].refused.status == STATUS_OK;
    }
    if (options->json) {
        print_doctor_json(ok, &kernels, checks, count);
    } else {
        print_doctor(&kernels, checks, count);
    }
    return ok ? EXIT_CODE_OK : EXIT_CODE_REFUSED;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'k',
     .name = "kernel",
     .value = "PATH",
     .help = "look at the kernel there only",
     .offset = offsetof(struct doctor_options, kernel)},
    {.name = "json",
     .help = "write JSON kpkg.doctor/v1",
     .offset = offsetof(struct doctor_options, json)},
};

const struct command cmd_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "Say what of this machine kpkg can use, what is missing, and what to do",
    .details = "Looks for a real seL4 kernel at --kernel, $KPKG_KERNEL, $MICROKIT_SDK, "
               "/opt/microkit-sdk*.\n"
               "Exit code 1: the hosted kernel cannot run here, or a kernel that was found is not\n"
               "supported. What only serves a real kernel may be missing.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct doctor_options),
    .min_operands = 0,
    .max_operands = 0,
    .run = run,
};
