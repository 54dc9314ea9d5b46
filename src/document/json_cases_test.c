/* The files of tests/cases/json: those in accept/ must read and write as the compact form that
 * expected.txt gives, those in reject/ must be refused at the byte that it gives. */
#include "case_folder.h"
#include "document/json_fast.h"
#include "document/json_write.h"

static struct text must_read(const char *folder, const char *name, struct arena *arena)
{
    struct text bytes = {0};

    if (!case_file(folder, name, arena, &bytes))
        fail_msg("no file %s/%s", folder, name);
    return bytes;
}

static void accept(const char *name, struct text json, struct text expected, struct arena *arena)
{
    struct buffer compact = buffer_in(arena), again = buffer_in(arena);
    struct document document, copy;
    struct error err = {0};

    if (!json_read(json, NULL, arena, &document, NULL, &err))
        fail_msg("%s is refused: %s: %s", name, err.at, err.message);
    for (enum json_engine engine = JSON_PLAIN; engine <= json_engine_best(); engine++) {
        EXPECT(json_read_with(engine, json, NULL, arena, &copy, NULL, &err));
        EXPECT(document_equal(&document, 0, &copy, 0));
    }
    json_put_cell(&compact, &document, 0);
    case_expect(name, "compact form", buffer_text(&compact), expected);
    EXPECT(json_read(buffer_text(&compact), NULL, arena, &copy, NULL, &err));
    json_put_cell(&again, &copy, 0);
    case_expect(name, "copy of the compact form", buffer_text(&again), expected);
    EXPECT(document_equal(&document, 0, &copy, 0));
}

/* The place in words, its line and column counted here character by character. */
static struct text place_of(struct text json, size_t byte, struct arena *arena)
{
    size_t line = 1, column = 1, at = text_starts(json, TEXT("\xEF\xBB\xBF")) && byte > 2 ? 3 : 0;

    for (; at < byte; at++) {
        bool feed = json.at[at] == '\n';
        bool alone = json.at[at] == '\r' && (at + 1 == json.len || json.at[at + 1] != '\n');

        column = feed || alone ? 1 : column + ((json.at[at] & 0xC0) != 0x80);
        line += feed || alone;
    }
    return arena_printf(arena, "byte %zu (line %zu, column %zu)", byte, line, column);
}

static void reject(const char *name, struct text json, struct text expected, struct arena *arena)
{
    struct document document;
    struct error err = {0};
    size_t offset = SIZE_MAX;

    if (json_read(json, NULL, arena, &document, &offset, &err))
        fail_msg("%s is accepted", name);
    for (enum json_engine engine = JSON_PLAIN; engine <= json_engine_best(); engine++)
        EXPECT(!json_read_with(engine, json, NULL, arena, &document, NULL, NULL));
    case_expect(name, err.message, arena_printf(arena, "%zu", offset), expected);
    case_expect(name, "place", text_of(err.at), place_of(json, offset, arena));
    EXPECT(err.message[0] != '\0');
}

typedef void run_case(const char *name, struct text json, struct text expected,
                      struct arena *arena);

static size_t files_in(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    while (directory != NULL && (entry = readdir(directory)) != NULL)
        count += entry->d_name[0] != '.';
    if (directory != NULL)
        closedir(directory);
    return count;
}

static size_t walk(const char *folder, run_case *run)
{
    struct arena arena = {0};
    struct text table = must_read(folder, "expected.txt", &arena);
    size_t count = 0;

    while (table.len > 0) {
        struct text line = text_split(&table, '\n');
        struct text name = text_split(&line, ' ');
        const char *file = arena_printf(&arena, "%.*s.json", TEXT_ARG(name)).at;
        struct arena scratch = {0};

        run(file, case_exactly(must_read(folder, file, &scratch), &scratch), line, &scratch);
        arena_release(&scratch);
        count++;
    }
    arena_release(&arena);
    EXPECT_EQ(files_in(folder), count + 1); /* no file without a line */
    return count;
}

TEST(what_rfc_8259_allows_is_accepted)
{
    EXPECT(walk(TESTS_DIR "/cases/json/accept", accept) >= 100);
}

TEST(everything_else_is_refused_at_its_first_wrong_byte)
{
    EXPECT(walk(TESTS_DIR "/cases/json/reject", reject) >= 265);
}

static size_t memory_for(struct text body, const struct json_limits *limits)
{
    struct arena arena = {0};
    struct document document;
    size_t total;

    json_read(body, limits, &arena, &document, NULL, NULL);
    total = arena.total_bytes;
    arena_release(&arena);
    return total;
}

TEST(memory_stays_within_32_times_the_body_and_8_mebibytes)
{
    static const char *const pieces[] = {
        "[",    "{}",      "[],",       "0,", "\"\",",    "\"\\n\",",  "{\"",   "{\"\":", "[0],",
        "1e1,", "[[[]]],", "\"\\u0041", " ",  "\"a\":0,", "{\"\":0},", "null,", "\\\""};
    static const char *const starts[] = {"", "[", "{", "\"", "[{\"a\":["};
    const struct json_limits open = {.depth = 1000, .nodes = JSON_UNLIMITED};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        for (size_t j = 0; j < sizeof starts / sizeof *starts; j++) {
            struct buffer body = {0};

            buffer_put(&body, text_of(starts[j]));
            while (body.len < 400000)
                buffer_put(&body, text_of(pieces[i]));
            EXPECT(memory_for(buffer_text(&body), NULL) <= 4 * body.len + (size_t)1024 * 1024);
            EXPECT(memory_for(buffer_text(&body), &open) <=
                   32 * body.len + (size_t)8 * 1024 * 1024);
            buffer_release(&body);
        }
    }
}

TEST(a_text_cut_anywhere_is_refused_at_its_end)
{
    struct text whole = TEXT("{\"a\\n\\u00e9\": [1.5e+3, -0, true, {\"\": \"\\ud83d\\ude00\"}]}");

    for (size_t len = 0; len < whole.len; len++) {
        struct arena arena = {0};
        struct document document;
        size_t offset;
        struct text cut = case_exactly(text_first(whole, len), &arena);

        EXPECT(!json_read(cut, NULL, &arena, &document, &offset, NULL));
        EXPECT_EQ(offset, len);
        arena_release(&arena);
    }
}
