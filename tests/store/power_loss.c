/* Whether the store survives a power cut: power_loss [images [seed]].
 *
 * What LMDB writes and syncs is recorded while groups of commands of every kind
 * (work.h) are carried out. Then images of the disk are made as a cut at a
 * random moment could have left them: everything before the last sync is there;
 * of each later write, in any order, all, nothing, or some sectors of 512
 * bytes; of the one under way some sectors. Every image must open, walk whole,
 * and hold what was acknowledged before the moment.
 *
 * A second run with syncing off must be found out: else the test could not
 * fail. */
#include "work.h"

#include "store/lmdb_impl.h"
#include "store/store_fixture.h"

#include "base/clock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { THINGS = 4, WORKS_MAX = 16, ROUNDS = 60, OPS_MAX = 65536, SECTOR = 512 };

enum op_kind { OP_WRITE, OP_SYNC, OP_ACKNOWLEDGE };
struct op {
    enum op_kind kind;
    bool durable; /* written through a descriptor that syncs each write */
    off_t at;
    size_t len;
    char *bytes;
    unsigned work, thing;
    uint64_t value;
};

static struct op ops[OPS_MAX];
static size_t op_count;
static bool recording;
static dev_t data_device;
static ino_t data_inode;
static pthread_mutex_t op_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t random_state;

static uint64_t next_random(void)
{
    uint64_t value = random_state += 0x9E3779B97F4A7C15u;

    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

static void record(struct op op)
{
    pthread_mutex_lock(&op_lock);
    CHECK(op_count < OPS_MAX);
    if (recording)
        ops[op_count++] = op;
    pthread_mutex_unlock(&op_lock);
}

static bool is_data(int fd)
{
    struct stat file;

    return recording && fstat(fd, &file) == 0 && file.st_dev == data_device &&
           file.st_ino == data_inode;
}

static void record_write(int fd, const void *bytes, size_t len, off_t at)
{
    struct op op = {.kind = OP_WRITE, .at = at, .len = len, .bytes = malloc(len)};

    CHECK(op.bytes != NULL);
    memcpy(op.bytes, bytes, len);
    op.durable = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
    record(op);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    ssize_t put = syscall(SYS_pwrite64, fd, bytes, count, at);

    if (put > 0 && is_data(fd))
        record_write(fd, bytes, (size_t)put, at);
    return put;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t put = syscall(SYS_writev, fd, parts, count);
    ssize_t left = put;

    for (int i = 0; i < count && left > 0 && is_data(fd); i++) {
        size_t len = (size_t)left < parts[i].iov_len ? (size_t)left : parts[i].iov_len;

        record_write(fd, parts[i].iov_base, len, at);
        at += (off_t)len;
        left -= (ssize_t)len;
    }
    return put;
}

int fdatasync(int fd)
{
    int failed = (int)syscall(SYS_fdatasync, fd);

    if (failed == 0 && is_data(fd))
        record((struct op){.kind = OP_SYNC});
    return failed;
}

/* --- recording
 * -----------------------------------------------------------------------------------
 */

struct desk {
    struct fixture fixture;
    struct loop *loop;
    uint64_t seed;
    size_t waiting;
    uint64_t values[WORKS_MAX][THINGS];
};
struct item {
    struct desk *desk;
    unsigned work, thing;
};

static void stepped(struct store_command *command)
{
    struct item *item = command->context;
    uint64_t *value = &item->desk->values[item->work][item->thing];

    CHECK(command->error.code == ERROR_NONE);
    record((struct op){
        .kind = OP_ACKNOWLEDGE, .work = item->work, .thing = item->thing, .value = ++*value});
    item->desk->waiting--;
    store_command_free(command);
}

static void step(struct desk *desk, unsigned work, unsigned thing)
{
    static struct item items[WORKS_MAX][THINGS];
    struct store_command *command = works[work].step(desk->seed, thing, desk->values[work][thing]);

    items[work][thing] = (struct item){desk, work, thing};
    command->loop = desk->loop;
    command->done = stepped;
    command->context = &items[work][thing];
    desk->waiting++;
    store_submit(desk->fixture.store, command);
}

/* One step of each thing of a random choice, which the store carries out as it
 * likes to. */
static void do_some(struct desk *desk)
{
    uint64_t chosen = next_random() | 1;

    for (unsigned work = 0; work < work_count; work++)
        for (unsigned thing = 0; thing < THINGS; thing++)
            if (chosen >> (work * THINGS + thing) % 64 & 1)
                step(desk, work, thing);
    while (desk->waiting > 0)
        loop_turn(desk->loop, 1000);
}

/* The store as it was when recording began. */
struct beginning {
    struct text data;
    char audit_key[64];
    ssize_t audit_key_bytes;
};

static void read_audit_key(const struct fixture *fixture, struct beginning *out)
{
    char path[128];
    int fd;

    fixture_path(fixture, "audit.key", path);
    fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    out->audit_key_bytes = read(fd, out->audit_key, sizeof out->audit_key);
    CHECK(out->audit_key_bytes > 0);
    close(fd);
}

static struct beginning record_run(bool syncing, uint64_t seed)
{
    struct desk desk = {.loop = loop_open(), .seed = seed};
    struct beginning beginning;
    char data_path[128];
    struct stat file;
    char *base;
    int fd;

    CHECK(desk.loop != NULL);
    fixture_open(&desk.fixture);
    do_some(&desk);
    if (!syncing)
        mdb_env_set_flags(lmdb_of(desk.fixture.store)->env, MDB_NOSYNC, 1);
    fixture_path(&desk.fixture, "data.mdb", data_path);
    fd = open(data_path, O_RDONLY);
    CHECK(fd >= 0 && fstat(fd, &file) == 0);
    base = malloc((size_t)file.st_size);
    CHECK(base != NULL && pread(fd, base, (size_t)file.st_size, 0) == file.st_size);
    close(fd);
    data_device = file.st_dev;
    data_inode = file.st_ino;
    op_count = 0;
    recording = true;
    for (unsigned work = 0; work < work_count; work++)
        for (unsigned thing = 0; thing < THINGS; thing++)
            record((struct op){.kind = OP_ACKNOWLEDGE,
                               .work = work,
                               .thing = thing,
                               .value = desk.values[work][thing]});
    for (int round = 0; round < ROUNDS; round++)
        do_some(&desk);
    recording = false;
    read_audit_key(&desk.fixture, &beginning);
    fixture_close(&desk.fixture);
    loop_close(desk.loop);
    beginning.data = (struct text){base, (size_t)file.st_size};
    return beginning;
}

/* Making images. */
static void apply(int fd, const struct op *op)
{
    CHECK(syscall(SYS_pwrite64, fd, op->bytes, op->len, op->at) == (ssize_t)op->len);
}

static void apply_torn(int fd, const struct op *op)
{
    uint64_t odds = next_random() % 4; /* none, few, most, all */

    for (size_t at = 0; at < op->len; at += SECTOR) {
        size_t len = op->len - at < SECTOR ? op->len - at : SECTOR;

        if (next_random() % 3 < odds)
            CHECK(syscall(SYS_pwrite64, fd, op->bytes + at, len, op->at + (off_t)at) ==
                  (ssize_t)len);
    }
}

/* The disk as a cut just before ops[moment] was done could have left it. */
static void make_image(int fd, size_t moment)
{
    static const struct op *pending[OPS_MAX];
    size_t synced = moment, count = 0;

    while (synced > 0 && ops[synced - 1].kind != OP_SYNC)
        synced--;
    for (size_t i = 0; i < moment; i++) {
        if (ops[i].kind != OP_WRITE)
            continue;
        if (i < synced || ops[i].durable)
            apply(fd, &ops[i]);
        else
            pending[count++] = &ops[i];
    }
    if (moment < op_count && ops[moment].kind == OP_WRITE)
        pending[count++] = &ops[moment];
    while (count > 0) {
        size_t i = next_random() % count;

        apply_torn(fd, pending[i]);
        pending[i] = pending[--count];
    }
}

/* In a child, because a damaged file may kill who maps it. Exits with 0 when
 * all is there. */
static _Noreturn void check_image(struct fixture *fixture, size_t moment, uint64_t seed)
{
    static uint64_t least[WORKS_MAX][THINGS];
    struct store_census census;
    struct error err = {0};

    fixture->store = store_open_lmdb_sized(text_of(fixture->folder), (size_t)256 << 20, &err);
    if (fixture->store == NULL || !store_verify_lmdb(fixture->store, &census, &err)) {
        fprintf(stderr, "%s: %s\n", err.at, err.message);
        _exit(1);
    }
    for (size_t i = 0; i < moment; i++)
        if (ops[i].kind == OP_ACKNOWLEDGE)
            least[ops[i].work][ops[i].thing] = ops[i].value;
    for (unsigned work = 0; work < work_count; work++)
        for (unsigned thing = 0; thing < THINGS; thing++) {
            char why[WORK_WHY_CHARS] = "what was acknowledged is gone";
            uint64_t value = 0;

            if (works[work].read(fixture->store, seed, thing, &value, why) &&
                value >= least[work][thing])
                continue;
            fprintf(stderr, "%s %u at %llu, acknowledged %llu: %s\n", works[work].name, thing,
                    (unsigned long long)value, (unsigned long long)least[work][thing], why);
            _exit(2);
        }
    store_close(fixture->store);
    _exit(0);
}

static void write_file(const struct fixture *fixture, const char *name, const char *bytes,
                       ssize_t count)
{
    char path[128];
    int fd;

    fixture_path(fixture, name, path);
    fd = open(path, O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0 && syscall(SYS_pwrite64, fd, bytes, count, 0) == count);
    close(fd);
}

static bool try_image(const struct beginning *beginning, size_t moment, uint64_t seed, bool quiet)
{
    struct fixture fixture;
    char path[128];
    int fd, status;
    pid_t child;

    fixture_make_folder(&fixture);
    write_file(&fixture, "audit.key", beginning->audit_key, beginning->audit_key_bytes);
    write_file(&fixture, "data.mdb", beginning->data.at, (ssize_t)beginning->data.len);
    fixture_path(&fixture, "data.mdb", path);
    fd = open(path, O_RDWR);
    CHECK(fd >= 0);
    make_image(fd, moment);
    close(fd);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (quiet) {
            fd = open("/dev/null", O_WRONLY);
            dup2(fd, STDERR_FILENO);
        }
        check_image(&fixture, moment, seed);
    }
    CHECK(waitpid(child, &status, 0) == child);
    fixture_remove(&fixture);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static unsigned run(bool syncing, unsigned images, uint64_t seed)
{
    struct beginning beginning;
    unsigned bad = 0;

    random_state = seed;
    beginning = record_run(syncing, seed);
    for (unsigned image = 0; image < images; image++) {
        size_t moment = next_random() % (op_count + 1);

        if (try_image(&beginning, moment, seed, !syncing))
            continue;
        bad++;
        if (syncing)
            fprintf(stderr, "power_loss: image %u, cut before operation %zu of %zu\n", image,
                    moment, op_count);
    }
    printf("power_loss: %s: %zu operations, %u images, %u damaged\n",
           syncing ? "as it is" : "without syncing", op_count, images, bad);
    fflush(stdout); /* before the next child has a copy */
    for (size_t i = 0; i < op_count; i++)
        free(ops[i].bytes);
    free((char *)(uintptr_t)beginning.data.at);
    return bad;
}

int main(int argc, char **argv)
{
    unsigned images = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 200;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : clock_monotonic_us();

    printf("power_loss: seed %llu\n", (unsigned long long)seed);
    fflush(stdout);
    if (run(true, images, seed) > 0)
        return 1;
    if (run(false, images < 100 ? images : 100, seed) == 0) {
        fprintf(stderr, "power_loss: a store that does not sync was not found out\n");
        return 1;
    }
    return 0;
}
