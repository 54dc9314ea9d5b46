/* Whether the audit log is verified in the same memory however long it is, and how fast it is
 * written and walked: audit_walk [records [folder]].
 *
 * The records are written as acts at once are, the store is closed, and its log is walked from
 * outside, with the key, and with a head that was kept of every thousandth record. */
#include "base/check.h"
#include "base/clock.h"
#include "store/store.h"
#include "store/store_audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FLIGHT = 256, HEAD_EVERY = 1000, GROWTH_KB_MAX = 8192 };

static uint64_t sent, wanted, waiting;
static struct store *store;
static struct loop *loop;
static struct audit_link *heads;
static size_t head_count;

static void send_one(void);

static void keep_head(void *context, const struct audit_event *event,
                      const struct audit_link *place)
{
    (void)context;
    (void)event;
    if (place->sequence % HEAD_EVERY == 0)
        heads[head_count++] = *place;
}

static void recorded(struct store_command *command)
{
    CHECK(command->error.code == ERROR_NONE);
    store_command_free(command);
    waiting--;
    send_one();
}

static void send_one(void)
{
    struct store_command *command;
    struct audit_event event = {.wall_ms = 1764158400000 + (int64_t)sent,
                                .actor = AUDIT_BY_OWNER,
                                .actor_id = TEXT("1000"),
                                .action = AUDIT_TOKEN_CREATE,
                                .details = TEXT("{\"scopes\":[\"summarize\"]}")};

    if (sent == wanted)
        return;
    command = store_command_new(STORE_AUDIT_APPEND);
    event.object = arena_printf(&command->arena, "tok_%026llu", (unsigned long long)sent++);
    command->audit = audit_event_copy(&command->arena, &event);
    command->loop = loop;
    command->done = recorded;
    waiting++;
    store_submit(store, command);
}

/* Memory of this process that is no file's. */
static long anonymous_kb(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    long kb = 0;

    CHECK(file != NULL);
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "RssAnon: %ld", &kb) == 1)
            break;
    fclose(file);
    return kb;
}

static void write_log(const char *folder)
{
    struct error err = {0};
    uint64_t begin_us = clock_monotonic_us();

    store = store_open_lmdb(text_of(folder), &err);
    CHECK(store != NULL);
    store_on_audit(store, keep_head, NULL);
    loop = loop_open();
    CHECK(loop != NULL);
    for (int i = 0; i < FLIGHT; i++)
        send_one();
    while (waiting > 0)
        loop_turn(loop, 1000);
    store_close(store);
    loop_close(loop);
    printf("%llu records written: %.0f a second\n", (unsigned long long)wanted,
           (double)wanted * 1e6 / (double)(clock_monotonic_us() - begin_us));
}

static int walk_log(const char *folder)
{
    struct audit_key key;
    struct audit_order order = {.key = &key, .heads = heads, .head_count = head_count};
    struct audit_check check;
    struct error err = {0};
    long before_kb = anonymous_kb(), grown_kb;
    uint64_t begin_us = clock_monotonic_us();

    CHECK(store_audit_key(text_of(folder), &key, &err));
    if (!store_verify_audit(text_of(folder), &order, &check, &err)) {
        fprintf(stderr, "audit_walk: %s: %s\n", err.at, err.message);
        return 1;
    }
    grown_kb = anonymous_kb() - before_kb;
    printf("%llu records walked: %.0f a second, %zu heads met, memory grew by %ld KiB\n",
           (unsigned long long)check.records,
           (double)check.records * 1e6 / (double)(clock_monotonic_us() - begin_us), check.heads_met,
           grown_kb);
    return check.records == wanted && check.heads_met == head_count && grown_kb <= GROWTH_KB_MAX
               ? 0
               : 1;
}

int main(int argc, char **argv)
{
    char folder[128] = "/tmp/pinion-audit-XXXXXX", command[160];
    int code;

    wanted = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    if (argc > 2)
        snprintf(folder, sizeof folder, "%s/pinion-audit-XXXXXX", argv[2]);
    CHECK(mkdtemp(folder) != NULL);
    heads = calloc(wanted / HEAD_EVERY + 1, sizeof *heads);
    CHECK(heads != NULL);
    write_log(folder);
    code = walk_log(folder);
    free(heads);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CHECK(system(command) == 0);
    return code;
}
