#include "journal/process_readings.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* proc(5), /proc/self/stat. */
struct process {
    unsigned long long user_ticks, system_ticks, threads, start_ticks, virtual_bytes, pages;
};

/* The second field is the program's name in parentheses, and may have any bytes in it. */
static bool read_process(struct process *out)
{
    FILE *file = fopen("/proc/self/stat", "re");
    char bytes[1024];
    size_t len = file != NULL ? fread(bytes, 1, sizeof bytes - 1, file) : 0;
    const char *rest;

    if (file != NULL)
        fclose(file);
    bytes[len] = '\0';
    rest = strrchr(bytes, ')');
    return rest != NULL &&
           sscanf(rest + 1,
                  " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %llu "
                  "%*d %llu %llu %llu",
                  &out->user_ticks, &out->system_ticks, &out->threads, &out->start_ticks,
                  &out->virtual_bytes, &out->pages) == 6;
}

static double seconds(clockid_t clock)
{
    struct timespec now;

    return clock_gettime(clock, &now) == 0 ? (double)now.tv_sec + (double)now.tv_nsec / 1e9 : 0;
}

/* -1: they cannot be listed. The one that the listing itself has open does not count. */
static double open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    double count = -1;

    if (folder == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void put_limit(enum metrics_form form, enum reading reading, __rlimit_resource_t resource,
                      struct buffer *out)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) == 0)
        reading_put_alone(out, form, reading, (double)limit.rlim_cur);
}

void process_readings_put(enum metrics_form form, struct buffer *out)
{
    double ticks = (double)sysconf(_SC_CLK_TCK), page_bytes = (double)sysconf(_SC_PAGESIZE);
    double descriptors = open_descriptors();
    struct process process;

    if (read_process(&process)) {
        double booted = seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME);

        reading_put_alone(out, form, READING_CPU_SECONDS,
                          (double)(process.user_ticks + process.system_ticks) / ticks);
        reading_put_alone(out, form, READING_VIRTUAL_BYTES, (double)process.virtual_bytes);
        reading_put_alone(out, form, READING_RESIDENT_BYTES, (double)process.pages * page_bytes);
        reading_put_alone(out, form, READING_START_TIME,
                          (double)(long long)(booted + (double)process.start_ticks / ticks + 0.5));
        reading_put_alone(out, form, READING_THREADS, (double)process.threads);
    }
    if (descriptors >= 0)
        reading_put_alone(out, form, READING_OPEN_FDS, descriptors);
    put_limit(form, READING_MAX_FDS, RLIMIT_NOFILE, out);
    put_limit(form, READING_VIRTUAL_MAX_BYTES, RLIMIT_AS, out);
}
