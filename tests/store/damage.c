/* What damage on the disk does: damage [images [seed]].
 *
 * First every value of every table has each third bit flipped in turn, behind the back of the
 * checksums: the walk must find it, and whatever is read meanwhile is either what was stored or
 * refused. Then images of the file have bytes changed at random places: they must be refused, or
 * found damaged by the walk, or read as they were stored; a wrong answer fails the test. LMDB
 * trusts its pages, so a process may die of a damaged one; that is counted. */
#include "work.h"

#include "store/lmdb_impl.h"
#include "store/store_fixture.h"

#include "base/clock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
    WRONG = 99,
    THINGS = 3,
    STEPS = 4,
    WORKS_MAX = 16,
    MAP_BYTES = 64 << 20,
    VALUES_PER_TABLE = 4
};

static uint64_t seed;

static _Noreturn void fail(const char *what, const char *where)
{
    fprintf(stderr, "damage: %s: %s (seed %llu)\n", where, what, (unsigned long long)seed);
    exit(WRONG);
}

static void fill(struct fixture *fixture)
{
    for (unsigned work = 0; work < work_count; work++)
        for (unsigned thing = 0; thing < THINGS; thing++)
            for (uint64_t value = 0; value < STEPS; value++)
                CHECK(fixture_run(fixture, works[work].step(seed, thing, value)) == ERROR_NONE);
}

enum reading { AS_STORED, REFUSED_SOME, MISSES_SOME };

/* How everything reads; a wrong answer ends the test. LMDB's pages have no checksums, so one that
 * is damaged may hide a record: then it is missing. */
static enum reading read_all(struct fixture *fixture, const char *where)
{
    enum reading reading = AS_STORED;

    for (unsigned work = 0; work < work_count; work++)
        for (unsigned thing = 0; thing < THINGS; thing++) {
            char why[WORK_WHY_CHARS];
            uint64_t value;

            if (!works[work].read(fixture->store, seed, thing, &value, why))
                reading = reading == MISSES_SOME ? reading : REFUSED_SOME;
            else if (value == 0 || (value < STEPS && works[work].of_several))
                reading = MISSES_SOME;
            else if (value != STEPS)
                fail("something else is read than was stored", where);
        }
    return reading;
}

/* --- values --------------------------------------------------------------------------------------
 */

/* Exchanges a table's nth value; gives its length, 0 when there is none. */
static size_t exchange(struct fixture *fixture, enum lmdb_table table, unsigned n, char *bytes,
                       bool put)
{
    struct lmdb_store *store = lmdb_of(fixture->store);
    MDB_cursor *cursor;
    MDB_val key, value;
    MDB_txn *txn;
    size_t len = 0;

    CHECK(mdb_txn_begin(store->env, NULL, 0, &txn) == 0);
    CHECK(mdb_cursor_open(txn, store->tables[table], &cursor) == 0);
    for (unsigned i = 0; i <= n; i++)
        if (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) != 0)
            goto end;
    len = value.mv_size;
    if (put) {
        MDB_val fresh = {len, bytes};

        CHECK(mdb_cursor_put(cursor, &key, &fresh, MDB_CURRENT) == 0);
    } else {
        CHECK(len <= 65536);
        memcpy(bytes, value.mv_data, len);
    }
end:
    mdb_cursor_close(cursor);
    CHECK(mdb_txn_commit(txn) == 0);
    return len;
}

static void flip_bits(struct fixture *fixture, enum lmdb_table table, unsigned n, size_t len,
                      char *bytes, uint64_t *count)
{
    struct store_census census;
    size_t stride = len / 16 + 1;

    for (size_t at = work_mix(seed + n) % stride; at < len; at += stride) {
        char mask = (char)(1 << (at % 8));

        bytes[at] ^= mask;
        exchange(fixture, table, n, bytes, true);
        if (store_verify_lmdb(fixture->store, &census, NULL))
            fail("the walk does not see a flipped bit", lmdb_table_name(table));
        if (read_all(fixture, lmdb_table_name(table)) == MISSES_SOME)
            fail("a damaged value reads as if it were not there", lmdb_table_name(table));
        bytes[at] ^= mask;
        exchange(fixture, table, n, bytes, true);
        ++*count;
    }
}

static uint64_t damage_values(void)
{
    static char bytes[65536];
    struct fixture fixture;
    struct store_census census;
    uint64_t count = 0;

    fixture_make_folder(&fixture);
    fixture_reopen(&fixture, MAP_BYTES);
    fill(&fixture);
    mdb_env_set_flags(lmdb_of(fixture.store)->env, MDB_NOSYNC, 1); /* for speed */
    for (int table = 0; table < TABLE_COUNT; table++) {
        uint64_t before = count;
        size_t len;

        for (unsigned n = 0; n < VALUES_PER_TABLE; n++)
            if ((len = exchange(&fixture, (enum lmdb_table)table, n, bytes, false)) > 0)
                flip_bits(&fixture, (enum lmdb_table)table, n, len, bytes, &count);
        printf("damage: %s: %llu bits\n", lmdb_table_name((enum lmdb_table)table),
               (unsigned long long)(count - before));
    }
    CHECK(store_verify_lmdb(fixture.store, &census, NULL) &&
          read_all(&fixture, "at the end") == AS_STORED);
    fixture_close(&fixture);
    return count;
}

/* --- images --------------------------------------------------------------------------------------
 */

enum outcome { UNHARMED = 10, FOUND, REFUSED, OUTCOME_END };

/* In a child, because a damaged file may kill who maps it. */
static _Noreturn void look(struct fixture *fixture)
{
    struct store_census census;
    bool whole;

    fixture->store = store_open_lmdb_sized(text_of(fixture->folder), MAP_BYTES, NULL);
    if (fixture->store == NULL)
        _exit(REFUSED);
    whole = store_verify_lmdb(fixture->store, &census, NULL);
    if (read_all(fixture, "an image") != AS_STORED && whole)
        fail("the walk does not see what a read refuses or misses", "an image");
    _exit(whole ? UNHARMED : FOUND);
}

static void change_bytes(const char *path, uint64_t random)
{
    struct stat file;
    int fd = open(path, O_RDWR);

    CHECK(fd >= 0 && fstat(fd, &file) == 0);
    for (unsigned i = 0; i < 1 + random % 16; i++) {
        off_t at = (off_t)(work_mix(random + i) % (uint64_t)file.st_size);
        char byte;

        CHECK(pread(fd, &byte, 1, at) == 1);
        byte = (char)(byte ^ (char)(1 + work_mix(random - i) % 255));
        CHECK(pwrite(fd, &byte, 1, at) == 1);
    }
    close(fd);
}

static void copy_file(const struct fixture *from, const struct fixture *to, const char *name)
{
    char command[300];

    snprintf(command, sizeof command, "cp %s/%s %s/%s", from->folder, name, to->folder, name);
    CHECK(system(command) == 0);
}

static void damage_images(unsigned images)
{
    unsigned counts[OUTCOME_END] = {0}, died = 0;
    struct fixture whole, image;
    char path[128];
    int status;

    fixture_make_folder(&whole);
    fixture_reopen(&whole, MAP_BYTES);
    fill(&whole);
    store_close(whole.store);
    for (unsigned i = 0; i < images; i++) {
        pid_t child;

        fixture_make_folder(&image);
        copy_file(&whole, &image, "data.mdb");
        copy_file(&whole, &image, "audit.key");
        fixture_path(&image, "data.mdb", path);
        change_bytes(path, work_mix(seed + i));
        child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            look(&image);
        }
        CHECK(waitpid(child, &status, 0) == child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == WRONG)
            exit(1); /* it has said why */
        if (WIFEXITED(status) && WEXITSTATUS(status) >= UNHARMED &&
            WEXITSTATUS(status) < OUTCOME_END)
            counts[WEXITSTATUS(status)]++;
        else
            died++; /* by a signal, or by what the sanitizer makes of it */
        fixture_remove(&image);
    }
    fixture_remove(&whole);
    printf("damage: %u images: %u refused, %u found by the walk, %u unharmed, %u died; none read "
           "wrongly\n",
           images, counts[REFUSED], counts[FOUND], counts[UNHARMED], died);
}

int main(int argc, char **argv)
{
    unsigned images = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;

    seed = argc > 2 ? strtoull(argv[2], NULL, 10) : clock_monotonic_us();
    printf("damage: seed %llu\n", (unsigned long long)seed);
    printf("damage: %llu flipped bits, all found\n", (unsigned long long)damage_values());
    fflush(stdout);
    damage_images(images);
    return 0;
}
