/* Whatever json_read says about a text, the push reader says when the text comes in pieces, however
 * it is cut; and it refuses on the first byte that nothing can mend. */
#include "case_folder.h"
#include "document/json_push.h"

enum { ACCEPTED = -1, UNFINISHED = -2 };
#define FORTY_X "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Every piece is a block of its own, so that a read beyond it is caught, and is gone once it is
 * used up. */
struct feeding {
    struct arena arena;
    struct json_push push;
    char *piece;
    struct document document;
    struct buffer parts; /* of the name or string that is cut */
    bool collects;       /* the outermost container */
    long refused;
};

static void note(struct feeding *it, enum json_event event)
{
    struct json_push *push = &it->push;

    if (event == JSON_NAME_START || event == JSON_STRING_START)
        it->parts.len = 0;
    if (event == JSON_NAME_START || event == JSON_STRING_START || event == JSON_PART ||
        (push->parts && (event == JSON_NAME || event == JSON_STRING)))
        buffer_put(&it->parts, push->part);
    if (push->parts && push->gathering && (event == JSON_NAME || event == JSON_STRING))
        EXPECT(text_equal(buffer_text(&it->parts), push->text));
    if (it->collects && (event == JSON_OBJECT || event == JSON_ARRAY))
        json_push_collect(push);
    if (it->collects && event == JSON_CLOSED && push->closed == 0) {
        it->document = json_push_document(push);
        it->document.cells = memcpy(ARENA_ARRAY(&it->arena, struct cell, it->document.count),
                                    it->document.cells, it->document.count * sizeof(struct cell));
        for (uint32_t i = 0; i < it->document.count; i++) {
            struct cell *cell = (struct cell *)(uintptr_t)&it->document.cells[i];

            if (cell->type == CELL_STRING || cell->type == CELL_NUMBER)
                cell->text = arena_copy(&it->arena, cell_text(cell)).at;
        }
    }
}

static bool feed(struct feeding *it, struct text piece)
{
    enum json_event event;

    it->piece = realloc(it->piece, piece.len ? piece.len : 1);
    if (piece.len > 0)
        memcpy(it->piece, piece.at, piece.len);
    json_push_feed(&it->push, (struct text){it->piece, piece.len});
    while ((event = json_push_next(&it->push)) > JSON_REFUSED)
        note(it, event);
    if (event == JSON_REFUSED)
        it->refused = (long)it->push.byte;
    return event == JSON_MORE;
}

static long finish(struct feeding *it)
{
    enum json_event event = json_push_end(&it->push);

    if (event == JSON_NUMBER) {
        note(it, event);
        event = json_push_end(&it->push);
    }
    if (event == JSON_WHOLE)
        it->refused = ACCEPTED;
    else if (it->refused < 0)
        it->refused = (long)it->push.byte;
    return it->refused;
}

static void start(struct feeding *it, const struct json_limits *limits, bool collects)
{
    *it = (struct feeding){.collects = collects, .refused = UNFINISHED};
    json_push_init(&it->push, limits, &it->arena);
}

static void done(struct feeding *it)
{
    arena_release(&it->arena);
    buffer_release(&it->parts);
    free(it->piece);
}

/* The byte at which a text in two pieces is refused (or in single bytes: cut SIZE_MAX); its length
 * when it is too short, ACCEPTED when it is not refused. */
static long verdict_of(struct text text, size_t cut, const struct json_limits *limits,
                       const struct document *expected)
{
    struct feeding it;
    size_t step = cut == SIZE_MAX ? 1 : cut;
    long verdict;

    start(&it, limits, expected != NULL);
    for (size_t at = 0; at < text.len;) {
        struct text piece = text_first(text_after(text, at), step ? step : text.len);

        at += piece.len;
        if (!feed(&it, piece))
            break;
        if (cut != SIZE_MAX)
            step = text.len;
    }
    verdict = finish(&it);
    if (expected != NULL && verdict == ACCEPTED && expected->cells[0].type >= CELL_ARRAY) {
        EXPECT_EQ(it.document.count, expected->count);
        for (uint32_t i = 0; i < expected->count; i++) {
            struct cell got = it.document.cells[i], wanted = expected->cells[i];

            if (got.type == CELL_STRING || got.type == CELL_NUMBER) {
                EXPECT(text_equal(cell_text(&got), cell_text(&wanted)));
                got.text = wanted.text = NULL;
            }
            assert_memory_equal(&got, &wanted, sizeof got);
        }
    }
    done(&it);
    return verdict;
}

/* The first byte from which on json_read does not blame the end of the text any more. */
static long first_hopeless(struct text text)
{
    const struct json_limits limits = {.nodes = JSON_UNLIMITED};

    for (size_t len = 1; len <= text.len; len++) {
        struct text prefix = text_whole(text_first(text, len));
        struct arena arena = {0};
        struct document document;
        size_t offset;
        bool fits = json_read(prefix, &limits, &arena, &document, &offset, NULL);

        arena_release(&arena);
        if (!fits && offset < prefix.len)
            return (long)len - 1;
    }
    return (long)text.len;
}

static void check_all_cuts(const char *name, struct text text, bool accepted)
{
    struct arena arena = {0};
    struct document document = {0};
    long whole = verdict_of(text, text.len, NULL, NULL), hopeless;
    size_t step = 1 + text.len / 400;

    EXPECT_EQ(json_read(text, NULL, &arena, &document, NULL, NULL), accepted);
    if ((whole == ACCEPTED) != accepted)
        fail_msg("%s: %s, byte %ld", name, accepted ? "refused" : "accepted", whole);
    for (size_t cut = 0; cut <= text.len; cut += step) {
        if (verdict_of(text, cut, NULL, accepted ? &document : NULL) != whole)
            fail_msg("%s: cut at %zu", name, cut);
    }
    if (verdict_of(text, SIZE_MAX, NULL, accepted ? &document : NULL) != whole)
        fail_msg("%s: byte by byte", name);
    if (!accepted && text.len < 5000) {
        hopeless = first_hopeless(text);
        if (whole > hopeless || whole + 12 < hopeless) /* escapes: decided within a few digits */
            fail_msg("%s: refused at %ld, hopeless at %ld", name, whole, hopeless);
    }
    arena_release(&arena);
}

static size_t walk(const char *folder, bool accepted)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    EXPECT(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        struct arena arena = {0};
        struct text text = {0};

        if (strstr(entry->d_name, ".json") != NULL) {
            EXPECT(case_file(folder, entry->d_name, &arena, &text));
            check_all_cuts(entry->d_name, text, accepted);
            count++;
        }
        arena_release(&arena);
    }
    closedir(directory);
    return count;
}

TEST(what_is_accepted_whole_is_accepted_in_pieces_and_collected_alike)
{
    EXPECT(walk(TESTS_DIR "/cases/json/accept", true) >= 60);
}

TEST(what_is_refused_whole_is_refused_in_pieces_on_the_byte_that_decides)
{
    EXPECT(walk(TESTS_DIR "/cases/json/reject", false) >= 120);
}

TEST(a_text_is_refused_on_the_byte_after_which_nothing_can_make_it_json)
{
    static const struct {
        const char *text;
        long byte;
    } rows[] = {
        {"\"\\ud83d\\ude00\"", ACCEPTED},
        {"\"\\ud83d\\u0041\"", 9},  /* no low surrogate begins with 0 */
        {"\"\\ud83d\\udb00\"", 10}, /* db is high again */
        {"\"\\ud83dx", 7},
        {"\"\\ud83d\\n", 8},
        {"\"\\udc00\"", 4}, /* after dc it is a low one whatever follows */
        {"\"\\ug", 3},
        {"\"\xE0\x80\x80\"", 2}, /* overlong from its second byte on */
        {"\"\xED\xA0\x80\"", 2}, /* a surrogate likewise */
        {"\"\xF4\x90\x80\x80\"", 2},
        {"\"\xC3\"", 2},
        {"\"ab\xC3x\"", 4},
        {"\"\x80\"", 1},
        {"{\"a\":1,\"\\u0061\":2}", 14}, /* the name is known at its closing quote */
        {"{\"a\":1,\"aa\":2}", ACCEPTED},
        {"[1,2,]", 5},
        {"[01]", 2},
        {"[-]", 2},
        {"[1.e]", 3},
        {"[1e+]", 4},
        {"nul1", 3},
        {"tru", 3},
        {"12", ACCEPTED},
        {"-", 1},
        {"12 3", 3},
        {"{}x", 2},
        {"", 0},
        {"[\"\\\"", 4},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text text = text_of(rows[i].text);

        for (size_t cut = 0; cut <= text.len; cut++) {
            if (verdict_of(text, cut, NULL, NULL) != rows[i].byte)
                fail_msg("%s: %ld", rows[i].text, verdict_of(text, cut, NULL, NULL));
        }
        EXPECT_EQ(verdict_of(text, SIZE_MAX, NULL, NULL), rows[i].byte);
    }
}

TEST(limits_are_those_of_the_reader_of_whole_texts)
{
    const struct json_limits shallow = {.depth = 2}, few = {.nodes = 4}, digits = {.digits = 3};
    struct buffer many = {0};

    EXPECT_EQ(verdict_of(TEXT("[{\"a\":{}}]"), SIZE_MAX, &shallow, NULL), 6);
    EXPECT_EQ(verdict_of(TEXT("[{\"a\":0}]"), SIZE_MAX, &shallow, NULL), ACCEPTED);
    EXPECT_EQ(verdict_of(TEXT("{\"a\": [0]}"), SIZE_MAX, &few, NULL), ACCEPTED);
    EXPECT_EQ(verdict_of(TEXT("{\"a\": [0, 0]}"), SIZE_MAX, &few, NULL), 10);
    EXPECT_EQ(verdict_of(TEXT("[-1.5e1]"), 3, &digits, NULL), ACCEPTED);
    EXPECT_EQ(verdict_of(TEXT("[-1.5e10]"), 3, &digits, NULL), 7);
    buffer_put_byte(&many, '[');
    for (int i = 0; i < 12000; i++)
        buffer_put(&many, TEXT("0,"));
    buffer_put(&many, TEXT("0]"));
    EXPECT_EQ(verdict_of(buffer_text(&many), 100, NULL, NULL), (long)many.len);
    for (int i = 0; i < 50000; i++) /* white space makes the text longer, and the limit higher */
        buffer_put_byte(&many, ' ');
    EXPECT_EQ(verdict_of(buffer_text(&many), 100, NULL, NULL), ACCEPTED);
    buffer_release(&many);
}

/* An object of `count` names around the same again, `depth` times. */
static void put_object(struct buffer *out, unsigned count, unsigned depth, const char *last)
{
    buffer_put_byte(out, '{');
    for (unsigned i = 0; i < count; i++) {
        buffer_printf(out, "\"n%u\":", i);
        if (depth > 0 && i % 40 == 20)
            put_object(out, count / 2, depth - 1, "\"z\"");
        else
            buffer_put_byte(out, '0');
        buffer_put_byte(out, ',');
    }
    buffer_printf(out, "%s:1}", last);
}

TEST(a_name_written_twice_is_found_in_objects_of_any_size_and_depth)
{
    const struct json_limits any = {.nodes = JSON_UNLIMITED};

    for (unsigned count = 1; count < 400; count += 19) {
        for (unsigned depth = 0; depth < 3; depth++) {
            struct buffer text = {0};
            struct arena arena = {0};
            struct document document;

            put_object(&text, count, depth, "\"z\"");
            EXPECT(json_read(buffer_text(&text), &any, &arena, &document, NULL, NULL));
            EXPECT_EQ(verdict_of(buffer_text(&text), 7, &any, &document), ACCEPTED);
            text.len = 0;
            put_object(&text, count, depth, "\"n0\"");
            EXPECT_EQ(verdict_of(buffer_text(&text), SIZE_MAX, &any, NULL), (long)text.len - 4);
            buffer_release(&text);
            arena_release(&arena);
        }
    }
}

TEST(a_long_string_that_nobody_wants_whole_is_not_kept)
{
    struct feeding it;
    char piece[1000];
    size_t room;

    memset(piece, 'x', sizeof piece);
    start(&it, NULL, false);
    EXPECT(feed(&it, TEXT("[\"")));
    EXPECT(feed(&it, (struct text){piece, sizeof piece}));
    room = it.push.token.room;
    for (int i = 0; i < 1000; i++)
        EXPECT(feed(&it, (struct text){piece, sizeof piece}));
    EXPECT_EQ(it.push.token.room, room);
    EXPECT(feed(&it, TEXT("\"]")));
    EXPECT_EQ(finish(&it), ACCEPTED);
    done(&it);
}

TEST(commas_are_told_from_the_child_on_that_was_asked_for)
{
    struct arena arena = {0};
    struct json_push push;
    enum json_event event;
    size_t commas = 0;

    json_push_init(&push, NULL, &arena);
    json_push_feed(&push, TEXT("[1,2,3,[0,0]]"));
    while ((event = json_push_next(&push)) > JSON_REFUSED) {
        if (event == JSON_ARRAY && push.depth == 1)
            json_push_most(&push, 2);
        if (event == JSON_COMMA)
            EXPECT_EQ(push.byte, commas++ == 0 ? 4 : 6);
    }
    EXPECT_EQ(commas, 2);
    arena_release(&arena);
}

TEST(parts_are_told_only_above_the_code_points_that_were_asked_for)
{
    static const struct {
        const char *string;
        uint64_t above, points, first_told; /* 0: none */
    } rows[] = {
        {"abc", 3, 3, 0},
        {"abcd", 3, 4, 4},
        {"\xC3\xA9\xE2\x80\x94x", 3, 3, 0},
        {"\xC3\xA9\xE2\x80\x94x", 2, 3, 3},
        {"\\u00e9\\n\\ud83d\\ude00", 2, 3, 3},
        {"\\u00e9\\n", 0, 2, 1},
        {"\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 1, 2, 2},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = {0};
        struct json_push push;
        enum json_event event = JSON_MORE;
        uint64_t first_told = 0;

        json_push_init(&push, NULL, &arena);
        json_push_feed(&push, TEXT("\""));
        for (struct text rest = text_of(rows[i].string); event != JSON_STRING;) {
            event = json_push_next(&push);
            if (event == JSON_STRING_START)
                push.told_above = rows[i].above;
            if (event == JSON_PART && first_told == 0)
                first_told = push.points;
            if (event == JSON_MORE) {
                json_push_feed(&push, rest.len > 0 ? text_first(rest, 1) : TEXT("\""));
                rest = text_after(rest, 1);
            }
        }
        EXPECT_EQ(push.points, rows[i].points);
        EXPECT_EQ(first_told, rows[i].first_told);
        arena_release(&arena);
    }
}

TEST(the_start_of_a_cut_string_tells_its_first_part_which_may_be_kept_with_the_others)
{
    for (int kept = 0; kept <= 1; kept++) {
        struct arena arena = {0};
        struct json_push push;

        json_push_init(&push, NULL, &arena);
        json_push_feed(&push, TEXT("[\"abc"));
        EXPECT_EQ(json_push_next(&push), JSON_ARRAY);
        EXPECT_EQ(json_push_next(&push), JSON_STRING_START);
        EXPECT(text_equal(push.part, TEXT("abc")));
        EXPECT_EQ(push.part_byte, 2);
        EXPECT_EQ(push.points, 3);
        if (kept)
            json_push_gather(&push);
        EXPECT_EQ(json_push_next(&push), JSON_MORE);
        json_push_feed(&push, TEXT("de\"]"));
        EXPECT_EQ(json_push_next(&push), JSON_STRING);
        EXPECT(text_equal(push.part, TEXT("de")));
        EXPECT(text_equal(push.text, kept ? TEXT("abcde") : TEXT("")));
        arena_release(&arena);
    }
}

struct ending {
    long refused;
    uint64_t points;
};

/* A text in pieces of `size` bytes, each taken quietly if it can be and that is asked for. */
static struct ending ending_of(struct text text, size_t size, bool quiet, size_t *quiet_count)
{
    struct ending ending;
    struct feeding it;

    start(&it, NULL, false);
    while (text.len > 0) {
        struct text piece = text_first(text, size);
        char *copy = malloc(piece.len);
        bool taken;

        memcpy(copy, piece.at, piece.len);
        taken = quiet && json_push_feed_quiet(&it.push, (struct text){copy, piece.len});
        free(copy);
        *quiet_count += taken;
        if (!taken && !feed(&it, piece))
            break;
        it.push.told_above = UINT64_MAX;
        text = text_after(text, piece.len);
    }
    ending = (struct ending){finish(&it), it.push.points};
    done(&it);
    return ending;
}

TEST(pieces_taken_quietly_change_neither_the_verdict_nor_the_count_of_code_points)
{
    static const char *const middles[] = {
        "y", "\xC3\xA9", "\xE2\x80\x94", "\xC3\xA9\xE6\x9D\xB1\xE4\xBA\xAC\xC3\xA9",
        /* the narrower ranges of a second byte, and four bytes */
        "\xE0\xA4\x85", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF",
        /* wrong */
        "\x80", "\xC1\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xFF", "\xC3", "\xE2\x80", "\xC3\xE2\x80\x94", "\xE2\xC3\xA9", "\xC3\xA9\xA9",
        "\xE2\x80\x94\x94", "\x1F",
        /* what ends a run */
        "\\n", "\\u00e9", "\\ud83d\\ude00", "\""};
    size_t quiet = 0, other = 0;

    for (size_t i = 0; i < sizeof middles / sizeof *middles; i++) {
        for (int before = 0; before <= 40; before++) {
            struct arena arena = {0};
            struct text text =
                arena_printf(&arena, "\"%.*s%s%.*s\"", before, FORTY_X, middles[i], 40, FORTY_X);

            for (size_t size = 15; size <= 33; size++) {
                struct ending wanted = ending_of(text, size, false, &other),
                              got = ending_of(text, size, true, &quiet);

                if (got.refused != wanted.refused || got.points != wanted.points)
                    fail_msg("middle %zu behind %d in pieces of %zu: %ld, %ju instead of %ld, %ju",
                             i, before, size, got.refused, (uintmax_t)got.points, wanted.refused,
                             (uintmax_t)wanted.points);
            }
            arena_release(&arena);
        }
    }
    EXPECT_EQ(other, 0);
#ifdef __SSE2__
    EXPECT(quiet > 5000);
#endif
}
