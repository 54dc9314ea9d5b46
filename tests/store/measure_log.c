/* What a row of the request log costs the store's writer as the log grows: measure_log [folder
 * [rows [MiB]]]. Blocks of 92 rows of 690 bytes and ten sums of usage each, as a busy worker hands
 * them over; from MiB of rows on (0: never) the oldest go. Each line is an eighth of the rows. */
#include "base/check.h"
#include "store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { ROWS = 92, ROW_BYTES = 690, SUMS = 10, PARTS = 8 };

/* Processor time of the whole process, which does nothing else. */
static double cpu_us(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void put_rows(struct buffer *rows, int64_t wall_ms)
{
    static char line[ROW_BYTES];

    memset(line, 'x', sizeof line);
    buffer_reserve(rows, ROWS * (ROW_BYTES + 32));
    for (int i = 0; i < ROWS; i++) {
        size_t at = log_row_begin(rows);

        buffer_put(rows, (struct text){line, sizeof line});
        log_row_end(rows, at, wall_ms, 5, 200);
    }
}

static void append(struct store *store, size_t block, uint64_t log_bytes_max)
{
    struct store_command *command = store_command_new(STORE_LEDGER_APPEND);
    struct ledger_entries *entries = ARENA_NEW(&command->arena, struct ledger_entries);
    struct usage_record *usage = ARENA_ARRAY(&command->arena, struct usage_record, SUMS);
    struct buffer rows = buffer_in(&command->arena);
    int64_t wall_ms = 1000 + (int64_t)block;

    put_rows(&rows, wall_ms);
    for (int i = 0; i < SUMS; i++)
        usage[i] = (struct usage_record){
            .names = {[USAGE_DAY] = TEXT("2026-11-26"),
                      [USAGE_TOKEN] = arena_printf(&command->arena, "tok_%d", i)},
            .all = {[USAGE_CALLS] = ROWS / SUMS}};
    *entries = (struct ledger_entries){.usage = usage,
                                       .usage_count = SUMS,
                                       .rows = buffer_text(&rows),
                                       .row_count = ROWS,
                                       .newest_ms = wall_ms,
                                       .log_bytes_max = log_bytes_max};
    command->ledger = entries;
    store_wait(store, command);
    CHECK(command->error.code == ERROR_NONE);
    store_command_free(command);
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "/tmp/pinion-measure-log";
    size_t blocks = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000) / ROWS / PARTS * PARTS;
    uint64_t log_bytes_max = (argc > 3 ? strtoull(argv[3], NULL, 10) : 0) << 20;
    struct error err = {0};
    struct store *store = store_open_lmdb(text_of(folder), &err);
    double from_us;

    if (store == NULL) {
        fprintf(stderr, "%s: %s\n", folder, err.message);
        return 1;
    }
    from_us = cpu_us();
    for (size_t block = 1; block <= blocks; block++) {
        append(store, block, log_bytes_max);
        if (block % (blocks / PARTS) != 0)
            continue;
        printf("%9zu rows: %.2f us of processor time a row, the store has %llu MiB\n", block * ROWS,
               (cpu_us() - from_us) / (double)(blocks / PARTS * ROWS),
               (unsigned long long)(store_stats(store).used_bytes >> 20));
        fflush(stdout);
        from_us = cpu_us();
    }
    store_close(store);
    return 0;
}
