#include "secret/memory.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The VmFlags line of the mapping that begins at `at` (proc(5)). */
static bool mapping_flags(const void *at, char out[512])
{
    FILE *maps = fopen("/proc/self/smaps", "re");
    char start[32], line[512];
    bool found = false, given = false;

    snprintf(start, sizeof start, "%lx-", (unsigned long)(uintptr_t)at);
    while (maps != NULL && !given && fgets(line, sizeof line, maps) != NULL) {
        found |= strncmp(line, start, strlen(start)) == 0;
        given = found && strncmp(line, "VmFlags:", 8) == 0;
    }
    if (maps != NULL)
        fclose(maps);
    snprintf(out, 512, "%s", line);
    return given;
}

TEST(secret_memory_is_left_out_of_core_dumps_and_locked)
{
    char *at = secret_alloc(10), flags[512];
    __attribute__((unused)) struct rlimit limit;

    EXPECT(mapping_flags(at, flags));
    EXPECT(strstr(flags, " dd") != NULL);
    EXPECT(strstr(flags, " wf") != NULL);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they make nothing of mlock  \
                                                                     */
    EXPECT_EQ(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    if (limit.rlim_cur >= 1 << 20 || geteuid() == 0)
        EXPECT(strstr(flags, " lo") != NULL);
#endif
    secret_free(at, 10);
}

TEST(secret_memory_is_not_inherited_by_a_child)
{
    char *at = secret_alloc(8);
    int status;
    pid_t child;

    memcpy(at, "sk-1234", 8);
    child = fork();
    if (child == 0)
        _exit(at[0] == '\0' ? 0 : 1);
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_STR(at, "sk-1234");
    secret_free(at, 8);
}

/* In a child, because the limit cannot be taken back. */
TEST(a_process_with_secrets_leaves_no_core_dump)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        struct rlimit limit = {1, 1};

        secret_process_begin();
        getrlimit(RLIMIT_CORE, &limit);
        if (limit.rlim_cur != 0 || limit.rlim_max != 0 || prctl(PR_GET_DUMPABLE) != 0)
            _exit(1);
        secret_process_end();
        _exit(prctl(PR_GET_DUMPABLE) == 1 ? 0 : 2);
    }
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}
