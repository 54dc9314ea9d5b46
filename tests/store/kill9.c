/* Whether what was acknowledged survives: kill9 [rounds [seed]].
 *
 * A child appends turns to sessions as fast as it can, tells each acknowledged one through a pipe,
 * and is killed after a random 5 to 100 ms, sometimes while it opens the store. Then the store is
 * opened again, walked whole, and every session that the child could have touched is read: its
 * revision must be at least the last one acknowledged, its turns dense, in order and of the right
 * words. At the end all sessions are read. The seed fixes delays and sizes. */
#include "base/check.h"
#include "base/clock.h"
#include "store/store_impl.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 16, TURNS_PER_SESSION = 200, SESSIONS_MAX = 65536, KEPT = 6, ROUNDS_MAX = 100000 };

static uint64_t seed;
static uint64_t acknowledged[SESSIONS_MAX]; /* revisions, by session */
static uint32_t open_us[ROUNDS_MAX];

static uint64_t mix(uint64_t value)
{
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

static _Noreturn void lost(const char *what, unsigned session, uint64_t revision)
{
    fprintf(stderr, "kill9: session %u, revision %llu: %s (seed %llu)\n", session,
            (unsigned long long)revision, what, (unsigned long long)seed);
    exit(1);
}

/* Every other session forgets its oldest turns, so that deletes are in the game. */
static size_t kept(unsigned session)
{
    return session % 2 ? KEPT : 0;
}

static struct text session_id(struct arena *arena, unsigned session)
{
    return arena_printf(arena, "ses_%026u", session);
}

/* What is said in a turn: known from session and revision, up to 3000 bytes. */
static struct text words(struct arena *arena, unsigned session, uint64_t revision, bool user)
{
    uint64_t random = mix(seed ^ mix(session * 1000003ULL + revision * 2 + user));
    struct text head =
        arena_printf(arena, "%u/%llu/%d ", session, (unsigned long long)revision, (int)user);
    size_t len = head.len + random % 3000;
    char *at = arena_bytes(arena, len);

    memcpy(at, head.at, head.len);
    memset(at + head.len, 'a' + (int)(random / 3000 % 26), len - head.len);
    return (struct text){at, len};
}

/* The child. */
struct slot {
    struct store *store;
    struct loop *loop;
    unsigned session;
    uint64_t revision;
    int tell;
};
struct told {
    uint32_t session;
    uint32_t revision;
};

static void append(struct slot *slot);

static void appended(struct store_command *command)
{
    struct slot *slot = command->context;
    struct told told;

    if (command->error.code != ERROR_NONE)
        lost(command->error.message, slot->session, slot->revision);
    slot->revision = command->revision;
    store_command_free(command);
    told = (struct told){slot->session, (uint32_t)slot->revision};
    CHECK(write(slot->tell, &told, sizeof told) == (ssize_t)sizeof told);
    if (slot->revision == TURNS_PER_SESSION) {
        slot->session += SLOTS;
        slot->revision = 0;
    }
    CHECK(slot->session < SESSIONS_MAX);
    append(slot);
}

static void append(struct slot *slot)
{
    struct store_command *command = store_command_new(STORE_SESSION_APPEND);
    struct chat_message *turn = ARENA_ARRAY(&command->arena, struct chat_message, 2);

    for (int i = 0; i < 2; i++)
        turn[i] = (struct chat_message){
            .role = i == 0 ? CHAT_USER : CHAT_ASSISTANT,
            .text = words(&command->arena, slot->session, slot->revision + 1, i == 0)};
    command->session = (struct session_record){
        .id = session_id(&command->arena, slot->session),
        .endpoint = TEXT("chat"),
        .token_id = TEXT("tok_1"),
        .expires_ms = 1000000 + (int64_t)slot->revision,
        .revision = slot->revision,
        .messages = turn,
        .message_count = 2,
    };
    command->keep_messages = kept(slot->session);
    command->loop = slot->loop;
    command->done = appended;
    command->context = slot;
    store_submit(slot->store, command);
}

static struct store_command *read_session(struct store *store, unsigned session)
{
    struct store_command *command = store_command_new(STORE_SESSION_READ);

    command->session.id = session_id(&command->arena, session);
    store_wait(store, command);
    if (command->error.code != ERROR_NONE && command->error.code != ERROR_SESSION_NOT_FOUND)
        lost(command->error.message, session, acknowledged[session]);
    return command;
}

static struct store *open_store(const char *folder)
{
    struct error err = {0};
    struct store *store = store_open_lmdb_sized(text_of(folder), (size_t)8 << 30, &err);

    if (store == NULL) {
        fprintf(stderr, "kill9: %s: %s (seed %llu)\n", err.at, err.message,
                (unsigned long long)seed);
        exit(1);
    }
    return store;
}

/* Every slot goes on where the last one acknowledged, or stored, left it. */
static _Noreturn void run_child(const char *folder, int tell)
{
    static struct slot slots[SLOTS];
    struct store *store = open_store(folder);
    struct loop *loop = loop_open();

    CHECK(loop != NULL);
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *slot = &slots[i];
        struct store_command *command;

        *slot = (struct slot){store, loop, i, 0, tell};
        while (acknowledged[slot->session] == TURNS_PER_SESSION)
            slot->session += SLOTS;
        command = read_session(store, slot->session);
        if (command->error.code == ERROR_NONE)
            slot->revision = command->session.revision;
        store_command_free(command);
        if (slot->revision == TURNS_PER_SESSION) {
            slot->session += SLOTS;
            slot->revision = 0;
        }
        append(slot);
    }
    for (;;)
        loop_turn(loop, 1000);
}

/* The parent. Gives the number of turns acknowledged. */
static uint64_t collect(int from)
{
    struct told told;
    uint64_t count = 0;
    ssize_t got;

    while ((got = read(from, &told, sizeof told)) == (ssize_t)sizeof told) {
        if (told.session >= SESSIONS_MAX || told.revision != acknowledged[told.session] + 1)
            lost("acknowledged out of order", told.session, told.revision);
        acknowledged[told.session] = told.revision;
        count++;
    }
    CHECK(got == 0);
    return count;
}

static void check_session(struct store *store, unsigned session)
{
    struct store_command *command = read_session(store, session);
    uint64_t revision = command->session.revision, first = 1, kept_count = kept(session);

    if (command->error.code == ERROR_SESSION_NOT_FOUND) {
        if (acknowledged[session] > 0)
            lost("the session is gone", session, acknowledged[session]);
        store_command_free(command);
        return;
    }
    if (revision < acknowledged[session])
        lost("acknowledged turns are gone", session, revision);
    if (revision > acknowledged[session] + 1)
        lost("more turns than were ever under way", session, revision);
    if (kept_count > 0 && revision * 2 > kept_count)
        first = revision - kept_count / 2 + 1;
    if (command->session.message_count != (revision - first + 1) * 2)
        lost("its turns are not dense", session, revision);
    for (size_t i = 0; i < command->session.message_count; i++) {
        const struct chat_message *message = &command->session.messages[i];

        if (!text_equal(message->text,
                        words(&command->arena, session, first + i / 2, i % 2 == 0)) ||
            message->role != (i % 2 == 0 ? CHAT_USER : CHAT_ASSISTANT))
            lost("other words than were said", session, first + i / 2);
    }
    acknowledged[session] = revision; /* it was stored, so it may not be lost later either */
    store_command_free(command);
}

static void check_store(struct store *store, bool all)
{
    struct store_census census;
    struct error err = {0};

    if (!store_verify_lmdb(store, &census, &err)) {
        fprintf(stderr, "kill9: %s: %s (seed %llu)\n", err.at, err.message,
                (unsigned long long)seed);
        exit(1);
    }
    for (unsigned session = 0; session < SESSIONS_MAX; session++) {
        unsigned next = session + SLOTS;
        bool over = next < SESSIONS_MAX && acknowledged[next] > 0;

        if (all || (!over && (session < SLOTS || acknowledged[session - SLOTS] > 0)))
            if (session < SLOTS || acknowledged[session - SLOTS] > 0)
                check_session(store, session);
    }
}

static uint64_t run_round(const char *folder, unsigned round)
{
    uint64_t delay_us = 5000 + mix(seed + round) % 95000, begin_us, count;
    struct timespec delay = {0, (long)delay_us * 1000};
    struct store *store;
    int ends[2], status;
    pid_t child;

    CHECK(pipe(ends) == 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(ends[0]);
        run_child(folder, ends[1]);
    }
    close(ends[1]);
    CHECK(fcntl(ends[0], F_SETPIPE_SZ, 1 << 20) > 0);
    nanosleep(&delay, NULL);
    kill(child, SIGKILL);
    count = collect(ends[0]);
    close(ends[0]);
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        exit(1); /* it has said why */
    begin_us = clock_monotonic_us();
    store = open_store(folder);
    open_us[round] = (uint32_t)(clock_monotonic_us() - begin_us);
    check_store(store, false);
    store_close(store);
    return count;
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static void finish(const char *folder, unsigned rounds, uint64_t turns)
{
    struct store *store = open_store(folder);

    check_store(store, true);
    qsort(open_us, rounds, sizeof *open_us, by_size);
    printf(
        "kill9: %u rounds, %llu turns acknowledged, none lost; ready after p50 %u us, max %u us; "
        "store %llu MiB\n",
        rounds, (unsigned long long)turns, open_us[rounds / 2], open_us[rounds - 1],
        (unsigned long long)(store_stats(store).used_bytes >> 20));
    store_close(store);
}

static void remove_folder(const char *folder)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "pinion.lock", "ballast"};
    char path[512];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/pinion-kill9-XXXXXX";
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 30;
    uint64_t turns = 0;

    seed = argc > 2 ? strtoull(argv[2], NULL, 10) : clock_monotonic_us();
    if (rounds == 0 || rounds > ROUNDS_MAX || mkdtemp(folder) == NULL) {
        fprintf(stderr, "usage: kill9 [rounds [seed]]\n");
        return 2;
    }
    printf("kill9: seed %llu\n", (unsigned long long)seed);
    fflush(stdout);
    for (unsigned round = 0; round < rounds; round++)
        turns += run_round(folder, round);
    finish(folder, rounds, turns);
    remove_folder(folder);
    return 0;
}
