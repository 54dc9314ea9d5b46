/* pinion test: what the authors of endpoints expect of them, checked: against recordings, against
 * the built-in demo, or against the providers themselves. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "trial/recordings.h"
#include "command/test_report.h"
#include "command/trial_config.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>

enum form { FORM_HUMAN, FORM_JSON, FORM_JUNIT };

struct run {
    const struct command_line *line;
    struct config *config;
    enum rehearsal_source source;
    enum form form;
    FILE *people; /* where they are told of each test; NULL: nowhere */
    struct rehearsal *items;
    size_t count, room;
    bool broken; /* something besides the tests went wrong, and was told */
};

/* --- what is asked for ---------------------------------------------------------------------------
 */

static bool read_source(const struct command_line *line, enum rehearsal_source *out,
                        struct error *err)
{
    bool live = option_on(line, "live"), record = option_on(line, "record");
    bool dev = option_on(line, "dev");

    *out = record ? SOURCE_RECORD : live ? SOURCE_LIVE : dev ? SOURCE_DEMO : SOURCE_RECORDING;
    if (live + record + dev <= 1)
        return true;
    error_set(err, ERROR_INVALID_REQUEST, NULL, "--live, --record and --dev exclude each other");
    error_hint(err, "--record calls the providers and keeps what they say, --live only calls them");
    return false;
}

static enum form form_of(const struct command_line *line)
{
    const char *given = option_text(line, "format");

    if (given == NULL)
        return option_on(line, "json") ? FORM_JSON : FORM_HUMAN;
    return given[0] == 'h' ? FORM_HUMAN : strcmp(given, "json") == 0 ? FORM_JSON : FORM_JUNIT;
}

static bool slug_wanted(const struct command_line *line, struct text slug)
{
    for (size_t i = 0; i < line->argument_count; i++)
        if (text_equal(text_of(line->arguments[i]), slug))
            return true;
    return line->argument_count == 0;
}

/* A filter is a pattern, as scopes are, for a part of the name. */
static bool name_wanted(const struct command_line *line, struct text name)
{
    const char *filter = option_text(line, "filter");

    return filter == NULL || token_pattern_takes(arena_printf(line->arena, "*%s*", filter), name);
}

/* --- one test ------------------------------------------------------------------------------------
 */

static void complain(struct run *run, const struct error *err)
{
    command_error_print(run->line->program, err, false, stderr);
    run->broken = true;
}

static void keep_recording(struct run *run, const struct rehearsal *it)
{
    static const char *const words[] = {NULL, "recorded", "removed"};
    struct arena scratch = {0};
    enum recordings_change change;
    struct error err = {0};
    struct text path;

    if (it->incomplete) {
        error_set(&err, ERROR_INVALID_REQUEST, NULL,
                  "'%.*s' asked its providers more than %d times; nothing was recorded",
                  TEXT_ARG(it->test->name), RECORDED_MAX);
        complain(run, &err);
        return;
    }
    if (!recordings_keep(config_folder(run->line), &it->recorded, &scratch, &change, &path, &err))
        complain(run, &err);
    else if (change != RECORDINGS_SAME && !option_on(run->line, "quiet"))
        fprintf(stderr, "%s %.*s\n", words[change], TEXT_ARG(path));
    arena_release(&scratch);
}

static void rehearse_one(struct run *run, const struct endpoint *endpoint,
                         const struct endpoint_test *test, struct arena *scratch,
                         struct rehearsal *out)
{
    struct rehearsal_way way = {.source = run->source};
    struct recording recording;
    struct error err = {0};
    bool there = false;

    if (run->source == SOURCE_RECORDING &&
        !recordings_read(config_folder(run->line), endpoint->slug, test->name, scratch, &recording,
                         &there, &err)) {
        *out = (struct rehearsal){.endpoint = endpoint,
                                  .test = test,
                                  .end = REHEARSAL_NO_RUN,
                                  .cost_nano = -1,
                                  .problem = arena_copy(scratch, text_of(err.message)),
                                  .help = arena_copy(scratch, text_of(err.hint))};
        return;
    }
    way.recording = there ? &recording : NULL;
    rehearse(run->config, endpoint, test, &way, scratch, out);
}

/* What a test is made of is let go before the next one. */
static void run_test(struct run *run, const struct endpoint *endpoint,
                     const struct endpoint_test *test, bool first)
{
    struct arena scratch = {0};
    struct rehearsal it;

    rehearse_one(run, endpoint, test, &scratch, &it);
    if (run->people != NULL)
        test_report_print(&it, first, command_line_color(run->line, run->people), run->people);
    if (run->source == SOURCE_RECORD && it.end != REHEARSAL_NO_RUN)
        keep_recording(run, &it);
    run->items[run->count++] = rehearsal_kept(&it, run->line->arena);
    arena_release(&scratch);
}

/* A recording of a test that there is no more, or that has another name now, is told. */
static void tell_strays(const struct run *run, const struct endpoint *endpoint)
{
    struct arena scratch = {0};
    const struct text *paths;
    size_t count;

    recordings_list(config_folder(run->line), endpoint->slug, &scratch, &paths, &count);
    for (size_t i = 0; i < count; i++) {
        size_t known = 0;

        while (known < endpoint->test_count &&
               !text_equal(paths[i],
                           recording_path(endpoint->slug, endpoint->tests[known].name, &scratch)))
            known++;
        if (known == endpoint->test_count)
            fprintf(stderr, "note: %.*s belongs to no test\n", TEXT_ARG(paths[i]));
    }
    arena_release(&scratch);
}

static void run_endpoint(struct run *run, const struct endpoint *endpoint)
{
    bool first = true;

    if (!slug_wanted(run->line, endpoint->slug))
        return;
    for (size_t i = 0; i < endpoint->test_count; i++) {
        if (!name_wanted(run->line, endpoint->tests[i].name))
            continue;
        run_test(run, endpoint, &endpoint->tests[i], first);
        first = false;
    }
    if (run->source == SOURCE_RECORDING && !option_on(run->line, "quiet"))
        tell_strays(run, endpoint);
}

/* --- all of them ---------------------------------------------------------------------------------
 */

static bool write_report(const struct run *run, const struct test_report *report, FILE *stream)
{
    struct buffer out = {0};
    bool good;

    if (run->form == FORM_HUMAN) {
        for (size_t i = 0; run->people == NULL && i < report->count; i++)
            test_report_print(&report->items[i],
                              i == 0 || report->items[i - 1].endpoint != report->items[i].endpoint,
                              false, stream);
        fputc('\n', stream);
        test_report_print_totals(report, stream);
        return fflush(stream) == 0;
    }
    if (run->form == FORM_JSON)
        test_report_json(report, &out);
    else
        test_report_junit(report, &out);
    good = fwrite(out.at, 1, out.len, stream) == out.len && fflush(stream) == 0;
    buffer_release(&out);
    return good;
}

static int finish(struct run *run)
{
    const struct test_report report = {run->items, run->count, run->source};
    struct test_totals totals = test_totals(&report);
    const char *file = option_text(run->line, "output");
    bool elsewhere = file != NULL && strcmp(file, "-") != 0;
    FILE *stream = elsewhere ? fopen(file, "wb") : stdout;
    struct error err = {0};

    if (stream == NULL || !write_report(run, &report, stream)) {
        error_set(&err, ERROR_STORAGE_ERROR, NULL, "'%s' cannot be written: %s",
                  file != NULL ? file : "standard output", strerror(errno));
        complain(run, &err);
    }
    if (elsewhere && stream != NULL)
        fclose(stream);
    if ((elsewhere || run->form != FORM_HUMAN) && !option_on(run->line, "quiet"))
        test_report_print_totals(&report, stderr);
    if (totals.failed + totals.no_run > 0)
        return EXIT_TESTS;
    return run->broken ? EXIT_FAILED : EXIT_DONE;
}

static int nothing_to_run(const struct command_line *line)
{
    struct error err = {0};

    if (option_text(line, "filter") != NULL)
        error_set(&err, ERROR_ENDPOINT_NOT_FOUND, NULL, "no test has '%s' in its name",
                  option_text(line, "filter"));
    else
        error_set(&err, ERROR_ENDPOINT_NOT_FOUND, NULL, "there are no tests");
    error_hint(&err, "tests stand under 'tests' in an endpoint's file, or in tests/SLUG.yaml");
    command_error_print(line->program, &err, option_on(line, "json"), stderr);
    return EXIT_NOT_FOUND;
}

static int run_all(struct run *run)
{
    const struct config *config = run->config;
    const char *output = option_text(run->line, "output");

    for (size_t i = 0; i < run->line->argument_count; i++)
        if (trial_endpoint(run->line, config, text_of(run->line->arguments[i])) == NULL)
            return EXIT_NOT_FOUND;
    for (size_t i = 0; i < config->endpoint_count; i++)
        run->room += config->endpoints[i].test_count;
    run->items = ARENA_ARRAY(run->line->arena, struct rehearsal, run->room);
    if (run->form == FORM_HUMAN && (output == NULL || strcmp(output, "-") == 0))
        run->people = stdout;
    for (size_t i = 0; i < config->endpoint_count; i++)
        run_endpoint(run, &config->endpoints[i]);
    return run->count > 0 ? finish(run) : nothing_to_run(run->line);
}

static int run(const struct command_line *line)
{
    static const enum trial_mode modes[] = {TRIAL_OFFLINE, TRIAL_DEMO, TRIAL_LIVE, TRIAL_LIVE};
    struct run run = {.line = line, .form = form_of(line)};
    struct error err = {0};
    int code;

    if (!read_source(line, &run.source, &err)) {
        command_error_print(line->program, &err, option_on(line, "json"), stderr);
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN); /* of connections to providers */
    run.config = trial_config(line, modes[run.source]);
    if (run.config == NULL)
        return EXIT_CONFIG;
    code = run_all(&run);
    config_free(run.config);
    return code;
}

static const struct option_spec options[] = {
    {.name = "live", .help = "call the providers, which costs money; recordings are left alone"},
    {.name = "record", .help = "call the providers and record what they say for later runs"},
    {.name = "dev", .help = "let the built-in demo answer, which is no model"},
    {.name = "filter",
     .argument = "TEXT",
     .help = "only tests with this in their name; * stands for anything"},
    {.name = "format",
     .argument = "FORM",
     .help = "how results are printed",
     .choices = "human|json|junit"},
    {.name = "output",
     .argument = "FILE",
     .help = "where they are written; standard output otherwise"},
    PLACE_OPTIONS,
};

const struct command_spec command_test = {
    .name = "test",
    .arguments = "[SLUG...]",
    .arguments_max = UINT_MAX,
    .summary = "Run the tests of endpoints, against recordings unless told otherwise",
    .examples = {"test", "test summarize --record"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "render, explain, call, check",
    .run = run,
};
