#include "command/usage_series.h"

#include "base/clock.h"
#include "command/config_folder.h"
#include "command/log_query.h"
#include "command/log_text.h"
#include "command/remote.h"
#include "document/json_write.h"
#include "document/member.h"

/* What --by may name, and which of the flags is a name of that kind. */
static const struct {
    const char *word;
    bool is_step, of_days; /* usage of days has it, too */
} words[] = {
    {"minute", true, false},   {"hour", true, false},         {"day", true, true},
    {"endpoint", false, true}, {"provider", false, true},     {"model", false, true},
    {"token", false, true},    {"project", false, true},      {"surface", false, false},
    {"status", false, false},  {"status_code", false, false},
};
enum { WORDS = sizeof words / sizeof *words, DAY_MS = 86400000 };

static size_t word_index(struct text word)
{
    size_t i = 0;

    while (i < WORDS && !text_equal(word, text_of(words[i].word)))
        i++;
    return i;
}

static bool is_tag(struct text word)
{
    return text_starts(word, TEXT("tag:")) || text_equal(word, TEXT("tag"));
}

/* A time that is no day: "2h", or with an hour in it. */
static bool is_time(const char *given)
{
    int64_t wall_ms;
    struct text text = text_of(given);

    return given != NULL && !(text.len == 10 && clock_parse_rfc3339(text, &wall_ms));
}

bool usage_series_wanted(const struct command_line *line)
{
    struct text by = text_of(option_text(line, "by"));

    while (by.len > 0) {
        struct text word = text_trim(text_split(&by, ','));
        size_t i = word_index(word);

        if (is_tag(word) || (i < WORDS && !words[i].of_days))
            return true;
    }
    return is_time(option_text(line, "from")) || is_time(option_text(line, "to"));
}

/* --- what is asked for
 * ---------------------------------------------------------------------------------------- */

struct wanted {
    struct text step, by, key, endpoint;
};

static bool refuse(struct error *err, const char *flag, const char *why)
{
    error_set(err, ERROR_INVALID_REQUEST, flag, "%s", why);
    error_hint(err,
               "days that are written out, as in --from 2026-11-01, are added up by any names");
    return false;
}

static bool read_by(const struct command_line *line, struct wanted *out, struct error *err)
{
    struct text by = text_of(option_text(line, "by"));

    while (by.len > 0) {
        struct text word = text_trim(text_split(&by, ','));
        size_t i = word_index(word);
        struct text *into = i < WORDS && words[i].is_step ? &out->step : &out->by;

        if (i == WORDS && !is_tag(word))
            return error_set(err, ERROR_INVALID_REQUEST, "--by",
                             "'%.*s' is nothing that is added up by", TEXT_ARG(word));
        if (into->len > 0)
            return refuse(err, "--by",
                          "by the minute or the hour, of any time, by tags, surfaces and statuses "
                          "there is one length and one name to add up by");
        *into = word;
    }
    return true;
}

/* --model gpt-4.1 with --by model, or alone, is one of them; --endpoint goes with anything. */
static bool read_names(const struct command_line *line, struct wanted *out, struct error *err)
{
    static const char *const flags[] = {"project", "provider", "model", "token"};
    const char *endpoint = option_text(line, "endpoint");

    out->endpoint = text_of(endpoint);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        const char *given = option_text(line, flags[i]);

        if (given == NULL)
            continue;
        if (out->by.len == 0)
            out->by = text_of(flags[i]);
        if (!text_equal(out->by, text_of(flags[i])))
            return refuse(err, arena_printf(line->arena, "--%s", flags[i]).at,
                          "by the minute or the hour, of any time, by tags, surfaces and statuses "
                          "only --endpoint leaves out others");
        out->key = text_of(given);
    }
    return true;
}

/* A day is counted here as it is without times. */
static struct text end_of(const struct command_line *line, struct text given)
{
    char when[CLOCK_RFC3339_BYTES];
    int64_t wall_ms;

    if (is_time(arena_terminated(line->arena, given)) || !clock_parse_rfc3339(given, &wall_ms))
        return (struct text){0};
    return arena_copy(line->arena, clock_rfc3339(wall_ms + DAY_MS, when));
}

static bool put_times(const struct command_line *line, struct buffer *path, struct error *err)
{
    static const char *const from[] = {"from", NULL}, *const to[] = {"to", NULL};
    struct text end = end_of(line, text_of(option_text(line, "to")));

    if (end.len > 0)
        query_put(path, "to", end);
    return query_put_options(line, from, path, err) &&
           (end.len > 0 || query_put_options(line, to, path, err));
}

static bool make_path(const struct command_line *line, struct buffer *path, struct wanted *wanted,
                      struct error *err)
{
    buffer_put(path, TEXT("/admin/v1/series"));
    if (!read_by(line, wanted, err) || !read_names(line, wanted, err) ||
        !put_times(line, path, err))
        return false;
    if (wanted->by.len > 0)
        query_put(path, "by", wanted->by);
    if (wanted->key.len > 0)
        query_put(path, "key", wanted->key);
    if (wanted->endpoint.len > 0)
        query_put(path, "endpoint", wanted->endpoint);
    if (wanted->step.len > 0)
        query_put(path, "step", wanted->step);
    if (option_on(line, "csv"))
        query_put(path, "format", TEXT("csv"));
    return true;
}

/* --- as a table
 * -----------------------------------------------------------------------------------------------
 */

static void print_head(const struct wanted *wanted)
{
    if (wanted->step.len > 0)
        printf("%-20s  ", "from");
    printf("%-26.*s  %8s  %7s  %7s  %7s  %11s  %11s  %14s  %10s  %s\n",
           TEXT_ARG(wanted->by.len > 0 ? wanted->by : TEXT("")), "calls", "errors", "invalid",
           "limited", "input", "output", "cost_usd", "p50_ms", "p95_ms");
}

static struct text percentile(const struct document *document, uint32_t point, const char *name)
{
    struct text ms = member_text(document, point, name);

    return ms.len > 0 ? ms : TEXT("-");
}

static void print_point(const struct document *document, uint32_t point,
                        const struct wanted *wanted)
{
    long long invalid = member_integer(document, point, "invalid_input") +
                        member_integer(document, point, "invalid_output");

    if (wanted->step.len > 0)
        printf("%-20.*s  ", TEXT_ARG(text_first(member_text(document, point, "t"), 16)));
    printf("%-26.*s  %8lld  %7lld  %7lld  %7lld  %11lld  %11lld  %14.*s  %10.*s  %.*s\n",
           TEXT_ARG(member_text(document, point, "key")), member_integer(document, point, "calls"),
           member_integer(document, point, "errors"), invalid,
           member_integer(document, point, "limited"),
           member_integer(document, point, "input_tokens"),
           member_integer(document, point, "output_tokens"),
           TEXT_ARG(member_text(document, point, "cost_usd")),
           TEXT_ARG(percentile(document, point, "p50_ms")),
           TEXT_ARG(percentile(document, point, "p95_ms")));
}

static void print_all(const struct command_line *line, const struct document *document,
                      const struct wanted *wanted)
{
    uint32_t points = document_member(document, 0, TEXT("points"));
    struct buffer out = buffer_in(line->arena);

    if (!option_on(line, "json"))
        print_head(wanted);
    for (uint32_t i = points + 1; points != CELL_NONE && i < document->cells[points].end;
         i = document_next(document, i)) {
        if (!option_on(line, "json")) {
            print_point(document, i, wanted);
            continue;
        }
        out.len = 0;
        json_put_cell(&out, document, i);
        printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
    }
}

int usage_series(const struct command_line *line)
{
    struct buffer path = buffer_in(line->arena);
    struct wanted wanted = {0};
    struct settings settings;
    struct document document;
    struct error err = {0};
    struct text body;
    int status;

    if (!config_folder_settings(line, &settings, &err) || !make_path(line, &path, &wanted, &err) ||
        !remote_call(line, &settings, "GET", buffer_text(&path), (struct text){0}, &status, &body,
                     &err))
        return remote_error(line, &err);
    if (status == 200 && option_on(line, "csv")) {
        fwrite(body.at, 1, body.len, stdout);
        return EXIT_DONE;
    }
    if (status != 200 || !log_text_read(line, body, &document))
        return remote_failed(line, status, body);
    print_all(line, &document, &wanted);
    return EXIT_DONE;
}
