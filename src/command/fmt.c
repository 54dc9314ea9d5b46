/* pinion fmt: files in their one form. What cannot be read is left alone and reported. */
#include "base/text_diff.h"
#include "base/author_file.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "base/input.h"
#include "config/report.h"
#include "document/yaml_format.h"

#include <dirent.h>
#include <stdlib.h>

static const struct option_spec options[] = {
    {.name = "check", .help = "change nothing; show what would be changed, and exit 8 if any is"},
};

enum { FILES_MAX = 100000 };

struct formatting {
    const struct command_line *line;
    const char **files;
    size_t file_count, changed;
    int code;
};

static bool is_yaml(struct text name)
{
    return text_ends(name, TEXT(".yaml")) && name.len > 5 && name.at[0] != '.';
}

static void take_file(struct formatting *it, struct text path)
{
    if (it->file_count < FILES_MAX)
        it->files[it->file_count++] = arena_terminated(it->line->arena, path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The .yaml files of a folder, by name; none when there is no such folder. */
static void list(struct formatting *it, struct text folder, const char *name)
{
    struct text path =
        arena_printf(it->line->arena, "%.*s%s%s", TEXT_ARG(folder), name[0] ? "/" : "", name);
    DIR *directory = opendir(path.at);
    size_t from = it->file_count;
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL)
        if (is_yaml(text_of(entry->d_name)))
            take_file(it, arena_printf(it->line->arena, "%.*s/%s", TEXT_ARG(path), entry->d_name));
    if (directory != NULL)
        closedir(directory);
    qsort(it->files + from, it->file_count - from, sizeof *it->files, by_name);
}

/* Those that the loader would read. */
static void list_all(struct formatting *it)
{
    struct text folder = config_folder(it->line);

    list(it, folder, "");
    list(it, folder, "endpoints");
    list(it, folder, "routing");
    list(it, folder, "tests");
}

static void fail(struct formatting *it, const struct error *err, int code)
{
    command_error_print(it->line->program, err, option_on(it->line, "json"), stderr);
    if (it->code == EXIT_DONE || it->code == EXIT_DIFFERENT)
        it->code = code;
}

static void report(struct formatting *it, const struct diagnostics *diagnostics)
{
    struct buffer out = buffer_in(diagnostics->arena);

    report_write(diagnostics, option_on(it->line, "json") ? REPORT_JSON : REPORT_HUMAN,
                 command_line_color(it->line, stderr), &out);
    fwrite(out.at, 1, out.len, stderr);
    if (it->code == EXIT_DONE || it->code == EXIT_DIFFERENT)
        it->code = EXIT_CONFIG;
}

static void show(struct formatting *it, const char *name, struct text before, struct text after,
                 struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    const char *formatted = arena_printf(arena, "%s (formatted)", name).at;

    text_diff(before, after, name, formatted, &out);
    fwrite(out.at, 1, out.len, stdout);
    if (it->code == EXIT_DONE)
        it->code = EXIT_DIFFERENT;
}

static void format_one(struct formatting *it, const char *name, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    bool standard = strcmp(name, "-") == 0;
    struct text source, out;
    struct error err = {0};

    diagnostics->arena = arena;
    if (!input_read(name, arena, &source, &err)) {
        fail(it, &err, EXIT_NOT_FOUND);
        return;
    }
    if (!yaml_format(source, standard ? TEXT("standard input") : text_of(name), arena, diagnostics,
                     &out)) {
        report(it, diagnostics);
        return;
    }
    it->changed += !text_equal(source, out);
    if (standard && !option_on(it->line, "check")) {
        fwrite(out.at, 1, out.len, stdout);
    } else if (!text_equal(source, out)) {
        if (option_on(it->line, "check"))
            show(it, name, source, out, arena);
        else if (!author_file_replace(text_of(name), out, arena, &err))
            fail(it, &err, EXIT_FAILED);
        else if (!option_on(it->line, "quiet"))
            fprintf(stderr, "formatted %s\n", name);
    }
}

/* In memory of its own: there may be very many. */
static void format_alone(struct formatting *it, const char *name)
{
    struct arena arena = {0};

    format_one(it, name, &arena);
    arena_release(&arena);
}

static int run(const struct command_line *line)
{
    struct formatting it = {.line = line,
                            .files = ARENA_ARRAY(line->arena, const char *, FILES_MAX),
                            .code = EXIT_DONE};

    for (size_t i = 0; i < line->argument_count; i++)
        take_file(&it, text_of(line->arguments[i]));
    if (line->argument_count == 0)
        list_all(&it);
    for (size_t i = 0; i < it.file_count; i++)
        format_alone(&it, it.files[i]);
    if (it.file_count == 0 && !option_on(line, "quiet"))
        fprintf(stderr, "there is no .yaml file here; -c DIR names the configuration folder\n");
    else if (option_on(line, "check") && it.changed > 0 && !option_on(line, "quiet"))
        fprintf(stderr, "%zu of %zu files would be changed; 'pinion fmt' does it\n", it.changed,
                it.file_count);
    return it.code;
}

const struct command_spec command_fmt = {
    .name = "fmt",
    .arguments = "[FILE...]",
    .arguments_max = UINT32_MAX,
    .summary = "Bring YAML files into their one form; comments and meaning stay",
    .examples = {"fmt", "fmt --check endpoints/summarize.yaml"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "check, new",
    .run = run,
};
