/* pinion manual: manual pages, made of the tables of commands and keys. */
#include "base/author_file.h"
#include "command/commands.h"
#include "command/options_table.h"
#include "config/shape_manual.h"
#include "document/diagnostic.h"
#include "document/roff_write.h"

static const struct option_spec options[] = {
    {.name = "write-to", .argument = "DIR", .help = "write all pages there, as man1/ and man5/"},
};

enum { PAGES_MAX = 256 };
static const char date[] = "2026-11-26"; /* when what the pages say was last changed */

/* A command's page, the program's (no command), or that of a kind of file. */
struct page {
    struct text name;
    int section;
    const struct command_spec *command;
    enum shape_file file; /* of section 5 */
};

static size_t list_pages(const struct program *program, struct arena *arena, struct page *out)
{
    size_t count = 0;

    out[count++] = (struct page){.name = text_of(program->name), .section = 1};
    for (size_t i = 0; i < program->command_count && count < PAGES_MAX - SHAPE_FILE_COUNT; i++) {
        const struct command_spec *command = &program->commands[i];
        struct text second = command_word(command, 1);

        out[count++] =
            (struct page){.name = arena_printf(arena, "%s-%.*s%s%.*s", program->name,
                                               TEXT_ARG(command_word(command, 0)),
                                               second.len > 0 ? "-" : "", TEXT_ARG(second)),
                          .section = 1,
                          .command = command};
    }
    for (int file = 0; file < SHAPE_FILE_COUNT; file++)
        out[count++] = (struct page){.name = text_of(shape_manual_name((enum shape_file)file)),
                                     .section = 5,
                                     .file = (enum shape_file)file};
    return count;
}

/* -- parts -- */

static void put_head(struct buffer *out, const struct program *program, const struct page *page,
                     const char *summary)
{
    bool upper = page->section == 1;

    buffer_put(out, TEXT(".TH "));
    for (size_t i = 0; i < page->name.len; i++) {
        char byte = page->name.at[i];

        if (byte == '-')
            buffer_put_byte(out, '\\');
        buffer_put_byte(out, (char)(upper && byte >= 'a' && byte <= 'z' ? byte - 32 : byte));
    }
    buffer_printf(out, " %d \"%s\" \"%s %s\" \"Pinion\"\n", page->section, date, program->name,
                  program->version);
    roff_macro(out, ".SH NAME");
    roff_put(out, page->name);
    buffer_put(out, TEXT(" \\- "));
    roff_put(out, text_of(summary));
    buffer_put_byte(out, '\n');
}

static void put_flags(struct buffer *out, const char *title, const struct option_spec *specs,
                      size_t count)
{
    struct arena arena = {0};

    if (count == 0)
        return;
    buffer_printf(out, ".SH %s\n", title);
    for (size_t i = 0; i < count; i++) {
        const struct option_spec *spec = &specs[i];
        struct text letter = spec->letter ? arena_printf(&arena, "-%c, ", spec->letter) : TEXT("");

        roff_item(out, arena_printf(&arena, "%.*s--%s", TEXT_ARG(letter), spec->name),
                  text_of(spec->argument));
        roff_put(out, arena_printf(
                          &arena, "%s%s%s%s%s%s%s%s.", spec->help, spec->choices ? ": one of " : "",
                          spec->choices ? spec->choices : "", spec->fallback ? "; by default " : "",
                          spec->fallback ? spec->fallback : "",
                          spec->environment ? "; or by the variable " : "",
                          spec->environment ? spec->environment : "",
                          spec->repeated ? "; may be repeated" : ""));
        buffer_put_byte(out, '\n');
    }
    arena_release(&arena);
}

static void put_examples(struct buffer *out, const struct program *program,
                         const char *const examples[2])
{
    struct arena arena = {0};

    roff_macro(out, ".SH EXAMPLES");
    for (int i = 0; i < 2 && examples[i] != NULL; i++)
        roff_example(out, arena_printf(&arena, "%s %s", program->name, examples[i]));
    arena_release(&arena);
}

static void put_exit_codes(struct buffer *out)
{
    static const struct {
        const char *code, *means;
    } codes[] = {{"0", "All went well."},
                 {"1", "The operation failed."},
                 {"2", "The command line is not as it should be."},
                 {"3", "The configuration has mistakes."},
                 {"4", "The credential is missing or not good for this."},
                 {"5", "What was named is not there."},
                 {"6", "Tests failed."},
                 {"7", "The server cannot be reached, or did not answer in time."},
                 {"8", "There are differences, and the command was to tell."},
                 {"130", "It was interrupted."}};

    roff_macro(out, ".SH EXIT STATUS");
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        roff_item(out, text_of(codes[i].code), (struct text){0});
        roff_put(out, text_of(codes[i].means));
        buffer_put_byte(out, '\n');
    }
}

static void put_also(struct buffer *out, struct text page, int section, bool last)
{
    buffer_put(out, TEXT(".BR "));
    roff_put(out, page);
    buffer_printf(out, " (%d)%s\n", section, last ? "" : ",");
}

static void put_see_also(struct buffer *out, const struct page *page)
{
    struct text names = text_of(page->command ? page->command->see_also : NULL);
    struct arena arena = {0};

    roff_macro(out, ".SH SEE ALSO");
    while (names.len > 0) {
        struct text name = text_trim(text_split(&names, ','));
        char *dashed = arena_bytes(&arena, name.len);

        for (size_t i = 0; i < name.len; i++)
            dashed[i] = name.at[i] == ' ' ? '-' : name.at[i];
        put_also(out, arena_printf(&arena, "pinion-%.*s", (int)name.len, dashed), 1, false);
    }
    for (int file = 0; page->command == NULL && file < SHAPE_FILE_COUNT; file++)
        if (page->section == 1 || page->file != (enum shape_file)file)
            put_also(out, text_of(shape_manual_name((enum shape_file)file)), 5,
                     page->section == 1 && file == SHAPE_FILE_COUNT - 1);
    if (page->section == 5 || page->command != NULL)
        put_also(out, TEXT("pinion"), 1, true);
    arena_release(&arena);
}

/* -- pages -- */

static void put_command(struct buffer *out, const struct program *program, const struct page *page)
{
    const struct command_spec *command = page->command;

    put_head(out, program, page, command->summary);
    roff_macro(out, ".SH SYNOPSIS");
    buffer_put(out, TEXT("\\fB"));
    roff_put(out, text_of(program->name));
    buffer_put_byte(out, ' ');
    roff_put(out, text_of(command->name));
    buffer_put(out, TEXT("\\fR "));
    if (command->arguments != NULL) {
        roff_put(out, text_of(command->arguments));
        buffer_put_byte(out, ' ');
    }
    buffer_put(out, TEXT("[flags]\n"));
    put_flags(out, "FLAGS", command->options, command->option_count);
    put_flags(out, "GLOBAL FLAGS", global_options, global_option_count);
    put_examples(out, program, command->examples);
    put_exit_codes(out);
}

static void put_program(struct buffer *out, const struct program *program, const struct page *page)
{
    put_head(out, program, page, program->summary);
    roff_macro(out, ".SH SYNOPSIS");
    buffer_put(out, TEXT("\\fBpinion\\fR [global flags] command [arguments] [flags]\n"));
    roff_macro(out, ".SH COMMANDS");
    for (size_t i = 0; i < program->command_count; i++) {
        roff_item(out, text_of(program->commands[i].name), (struct text){0});
        roff_put(out, text_of(program->commands[i].summary));
        buffer_put(out, TEXT(".\n"));
    }
    put_flags(out, "GLOBAL FLAGS", global_options, global_option_count);
    put_examples(out, program, program->examples);
    put_exit_codes(out);
}

static struct text page_text(const struct program *program, const struct page *page,
                             struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (page->section == 5) {
        put_head(&out, program, page, shape_manual_summary(page->file));
        shape_manual_write(page->file, &out);
    } else if (page->command != NULL) {
        put_command(&out, program, page);
    } else {
        put_program(&out, program, page);
    }
    put_see_also(&out, page);
    return buffer_text(&out);
}

static int write_all(const struct command_line *line, const struct page *pages, size_t count)
{
    struct error err = {0};

    for (size_t i = 0; i < count; i++) {
        struct text path =
            arena_printf(line->arena, "%s/man%d/%.*s.%d", option_text(line, "write-to"),
                         pages[i].section, TEXT_ARG(pages[i].name), pages[i].section);

        if (author_file_replace(path, page_text(line->program, &pages[i], line->arena), line->arena,
                                &err))
            continue;
        command_error_print(line->program, &err, option_on(line, "json"), stderr);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static int unknown(const struct command_line *line, const struct page *pages, size_t count)
{
    struct text *names = ARENA_ARRAY(line->arena, struct text, count), near;
    struct error err = {0};

    for (size_t i = 0; i < count; i++)
        names[i] = pages[i].name;
    near = nearest_name(text_of(line->arguments[0]), names, count);
    error_set(&err, ERROR_INVALID_REQUEST, NULL, "there is no page '%.80s'", line->arguments[0]);
    if (near.len > 0)
        error_hint(&err, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        error_hint(&err, "there are pinion, one of each command such as pinion-check, "
                         "pinion-endpoint, pinion-routing, pinion-tests and pinion.yaml");
    command_error_print(line->program, &err, option_on(line, "json"), stderr);
    return EXIT_NOT_FOUND;
}

static int run(const struct command_line *line)
{
    struct page *pages = ARENA_ARRAY(line->arena, struct page, PAGES_MAX);
    size_t count = list_pages(line->program, line->arena, pages);
    struct text wanted = line->argument_count > 0 ? text_of(line->arguments[0]) : TEXT("pinion");

    if (option_text(line, "write-to") != NULL)
        return write_all(line, pages, count);
    for (size_t i = 0; i < count; i++) {
        struct text page;

        if (!text_equal(pages[i].name, wanted))
            continue;
        page = page_text(line->program, &pages[i], line->arena);
        fwrite(page.at, 1, page.len, stdout);
        return EXIT_DONE;
    }
    return unknown(line, pages, count);
}

const struct command_spec command_manual = {
    .name = "manual",
    .arguments = "[PAGE]",
    .arguments_max = 1,
    .summary = "Print a manual page, for man to show",
    .examples = {"manual pinion-endpoint | man -l -", "manual --write-to /usr/local/share/man"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "completion",
    .run = run,
};
