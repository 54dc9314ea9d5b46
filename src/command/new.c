/* pinion new: an endpoint to start from. Its files pass `check` as they are and say what to change;
 * nothing that is there is touched. */
#include "base/buffer.h"
#include "base/author_file.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/new_files.h"
#include "command/schema_write.h"
#include "config/config.h"

#include <unistd.h>

static const struct option_spec options[] = {
    {.name = "provider", .argument = "NAME", .help = "a provider of pinion.yaml"},
    {.name = "model", .argument = "NAME", .help = "the model, as the provider names it"},
    {.name = "input",
     .argument = "FIELD:TYPE",
     .help = "a field that callers send; a ? behind the type: it may be left out",
     .repeated = true},
    {.name = "output",
     .argument = "FIELD:TYPE",
     .help = "a field of the answer; types are string, integer, number, boolean, strings",
     .repeated = true},
    {.name = "free-text", .help = "the answer is free text, without an output schema"},
    {.name = "conversation",
     .help = "a conversation: callers send messages, the gateway keeps them"},
};

static int refused(const struct command_line *line, const struct error *err, int code)
{
    command_error_print(line->program, err, option_on(line, "json"), stderr);
    return code;
}

/* What was not said: the first provider of pinion.yaml, and what its kind is usually asked for. */
static bool choose_target(const struct command_line *line, struct new_endpoint *endpoint,
                          struct error *err)
{
    size_t count;
    const struct provider *providers = config_providers(config_folder(line), line->arena, &count);

    return new_target(providers, count, option_text(line, "provider"), option_text(line, "model"),
                      line->arena, endpoint, err);
}

static bool read_fields(const struct command_line *line, const char *flag, const char *usual,
                        struct new_fields *out, struct error *err)
{
    const char *const *words;
    size_t count = option_texts(line, flag, &words);

    if (count == 0) {
        words = &usual;
        count = 1;
    }
    for (size_t i = 0; i < count; i++)
        if (!new_field_read(words[i], flag, out, err))
            return false;
    return true;
}

static bool describe(const struct command_line *line, struct new_endpoint *out, struct error *err)
{
    const char *const *words;

    out->slug = text_of(line->arguments[0]);
    out->session = option_on(line, "conversation");
    out->text = option_on(line, "free-text") || out->session;
    if (slug_reserved(out->slug) || !slug_valid(out->slug)) {
        error_set(err, ERROR_INVALID_REQUEST, NULL, "'%.*s' cannot be a slug",
                  TEXT_ARG(text_cut(out->slug, 80)));
        error_hint(err, slug_reserved(out->slug)
                            ? "the gateway itself answers under that path; choose another"
                            : "it has 1 to 63 of a-z, 0-9 and '-', and starts with a letter or "
                              "digit: summarize");
        return false;
    }
    if (out->text && option_texts(line, "output", &words) > 0) {
        error_set(err, ERROR_INVALID_REQUEST, "--output",
                  "free text has no fields, but --output names one");
        error_hint(err, "leave out --free-text and --conversation, or --output");
        return false;
    }
    if (out->session && option_texts(line, "input", &words) > 0) {
        error_set(err, ERROR_INVALID_REQUEST, "--input",
                  "callers of a conversation send messages, but --input names a field");
        error_hint(err, "leave out --conversation, or --input");
        return false;
    }
    return read_fields(line, "input", "text:string", &out->input, err) &&
           read_fields(line, "output", "answer:string", &out->output, err) &&
           choose_target(line, out, err);
}

static bool write_file(const struct command_line *line, const char *name, struct text bytes,
                       struct error *err)
{
    struct text path = arena_printf(line->arena, "%.*s/%s", TEXT_ARG(config_folder(line)), name);

    if (!author_file_create(path, bytes, line->arena, err))
        return false;
    if (!option_on(line, "quiet"))
        fprintf(stderr, "wrote %s\n", name);
    return true;
}

/* Before anything is written: either all files are new, or none is made. */
static bool all_are_new(const struct command_line *line, const struct new_file *files, size_t count,
                        struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct text path =
            arena_printf(line->arena, "%.*s/%s", TEXT_ARG(config_folder(line)), files[i].name);

        if (access(path.at, F_OK) != 0)
            continue;
        error_set(err, ERROR_INVALID_REQUEST, files[i].name,
                  "the file is there already; nothing was written");
        error_hint(err, "choose another slug, or remove the file first");
        return false;
    }
    return true;
}

static int run(const struct command_line *line)
{
    struct new_endpoint endpoint = {.slug = {0}};
    struct new_file files[NEW_FILES_MAX];
    struct error err = {0};
    size_t count, written = 0;

    if (!describe(line, &endpoint, &err))
        return refused(line, &err, EXIT_USAGE);
    count = new_files(&endpoint, line->arena, files);
    if (!all_are_new(line, files, count, &err))
        return refused(line, &err, EXIT_FAILED);
    for (size_t i = 0; i < count; i++)
        if (!write_file(line, files[i].name, files[i].bytes, &err))
            return refused(line, &err, EXIT_FAILED);
    if (!schema_write_all(config_folder(line), line->arena, &written, &err))
        return refused(line, &err, EXIT_FAILED);
    if (!option_on(line, "quiet"))
        fprintf(stderr,
                "next: say in %s what it is to do, then 'pinion check --dev' and 'pinion test "
                "--dev'\n",
                files[0].name);
    return EXIT_DONE;
}

const struct command_spec command_new = {
    .name = "new",
    .arguments = "SLUG",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Make an endpoint to start from: its file, its schemas and its first tests",
    .examples = {"new summarize --input text:string --output title:string --output points:strings",
                 "new support-chat --conversation"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "check, fmt, schema",
    .run = run,
};
