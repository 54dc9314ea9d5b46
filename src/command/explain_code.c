/* pinion explain-code: what a code means, and what to do; of diagnostics and of the API's errors.
 */
#include "base/buffer.h"
#include "base/error_text.h"
#include "command/commands.h"
#include "document/explanation.h"

#include <ctype.h>

static const struct option_spec options[] = {
    {.name = "markdown", .help = "print all codes as a page of documentation"},
};

enum { WIDTH = 80 };

/* Fills lines with words. */
static void put_wrapped(struct buffer *out, struct text words)
{
    size_t width = 0;

    while (words.len > 0) {
        struct text word = text_split(&words, ' ');

        if (width > 0 && width + 1 + word.len > WIDTH) {
            buffer_put_byte(out, '\n');
            width = 0;
        }
        if (width > 0)
            buffer_put_byte(out, ' ');
        buffer_put(out, word);
        width += word.len + (width > 0);
    }
    buffer_put_byte(out, '\n');
}

static void put_example(struct buffer *out, const char *title, const char *example)
{
    struct text rest = text_of(example);

    if (example == NULL)
        return;
    buffer_printf(out, "\n%s:\n\n", title);
    while (rest.len > 0) {
        struct text line = text_split(&rest, '\n');

        buffer_printf(out, "    %.*s\n", TEXT_ARG(line));
    }
}

static void put_diagnostic(struct buffer *out, enum diagnostic_code code)
{
    const struct explanation *it = explanation_of(code);

    buffer_printf(out, "%s: %s\n\n", diagnostic_name(code), diagnostic_title(code));
    put_wrapped(out, text_of(it->means));
    put_example(out, "Wrong", it->wrong);
    put_example(out, "Right", it->right);
}

static void put_error(struct buffer *out, enum error_code code)
{
    const struct error_row *row = error_row(code);

    buffer_printf(out, "%s: HTTP %d, %s\n\n", row->word, row->status, row->type);
    put_wrapped(out, text_of(error_text_of(code)->means));
    buffer_put_byte(out, '\n');
    put_wrapped(out, text_of(error_text_of(code)->remedy));
}

/* -- as a page -- */

static void put_page_example(struct buffer *out, const char *title, const char *example)
{
    if (example != NULL)
        buffer_printf(out, "\n%s:\n\n```yaml\n%s```\n", title, example);
}

static void put_page_diagnostics(struct buffer *out)
{
    buffer_printf(
        out,
        "\n## Mistakes in files\n\n"
        "What `pinion check` tells. An example without the name of a file is the end of an "
        "endpoint's\nfile that begins with\n\n```yaml\n%s```\n",
        explanation_begins);
    for (int i = 0; i < DIAGNOSTIC_COUNT; i++) {
        enum diagnostic_code code = (enum diagnostic_code)i;
        const struct explanation *it = explanation_of(code);

        buffer_printf(out, "\n### %s\n\n**%s.** %s\n", diagnostic_name(code),
                      diagnostic_title(code), it->means);
        put_page_example(out, "Wrong", it->wrong);
        put_page_example(out, "Right", it->right);
    }
}

static void put_page_errors(struct buffer *out)
{
    buffer_put(out, TEXT("\n## Errors of calls\n\n"
                         "`error.code` of an answer, which is what programs match on.\n"));
    for (int i = ERROR_NONE + 1; i < ERROR_CODE_COUNT; i++) {
        const struct error_row *row = error_row((enum error_code)i);
        const struct error_text *it = error_text_of((enum error_code)i);

        buffer_printf(out, "\n### %s\n\n%d, `%s`. %s\n\n%s\n", row->word, row->status, row->type,
                      it->means, it->remedy);
    }
}

static void put_page(struct buffer *out)
{
    buffer_put(out, TEXT("Errors\n======\n\n"
                         "Every code, what it means and what to do. `pinion explain-code CODE` "
                         "prints the same; this page\nis what `pinion explain-code --markdown` "
                         "prints.\n"));
    put_page_errors(out);
    put_page_diagnostics(out);
}

/* -- finding -- */

static struct text upper(struct arena *arena, const char *word)
{
    struct text copy = arena_copy(arena, text_of(word));
    char *at = (char *)(uintptr_t)copy.at;

    for (size_t i = 0; i < copy.len; i++)
        at[i] = (char)toupper((unsigned char)at[i]);
    return copy;
}

static bool put_found(struct buffer *out, const char *word, struct arena *arena)
{
    struct text wanted = upper(arena, word);

    for (int i = 0; i < DIAGNOSTIC_COUNT; i++)
        if (text_equal(wanted, text_of(diagnostic_name((enum diagnostic_code)i)))) {
            put_diagnostic(out, (enum diagnostic_code)i);
            return true;
        }
    for (int i = ERROR_NONE + 1; i < ERROR_CODE_COUNT; i++)
        if (strcmp(word, error_row((enum error_code)i)->word) == 0) {
            put_error(out, (enum error_code)i);
            return true;
        }
    return false;
}

static int unknown(const struct command_line *line, const char *word)
{
    struct text names[DIAGNOSTIC_COUNT + ERROR_CODE_COUNT], near;
    struct error err = {0};
    size_t count = 0;

    for (int i = 0; i < DIAGNOSTIC_COUNT; i++)
        names[count++] = text_of(diagnostic_name((enum diagnostic_code)i));
    for (int i = ERROR_NONE + 1; i < ERROR_CODE_COUNT; i++)
        names[count++] = text_of(error_row((enum error_code)i)->word);
    near = nearest_name(text_of(word), names, count);
    error_set(&err, ERROR_INVALID_REQUEST, NULL, "there is no code '%.80s'", word);
    if (near.len > 0)
        error_hint(&err, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        error_hint(&err, "codes are E0102 and the like, as 'pinion check' tells them, or "
                         "'error.code' of an answer; --markdown prints all");
    command_error_print(line->program, &err, option_on(line, "json"), stderr);
    return EXIT_NOT_FOUND;
}

static int run(const struct command_line *line)
{
    struct buffer out = buffer_in(line->arena);

    if (option_on(line, "markdown")) {
        put_page(&out);
    } else if (line->argument_count == 0) {
        struct error err = {0};

        error_set(&err, ERROR_INVALID_REQUEST, NULL, "which code is to be explained?");
        error_hint(&err, "'pinion explain-code E0102'; --markdown prints all");
        command_error_print(line->program, &err, option_on(line, "json"), stderr);
        return EXIT_USAGE;
    } else if (!put_found(&out, line->arguments[0], line->arena)) {
        return unknown(line, line->arguments[0]);
    }
    fwrite(out.at, 1, out.len, stdout);
    return EXIT_DONE;
}

const struct command_spec command_explain_code = {
    .name = "explain-code",
    .arguments = "CODE",
    .arguments_max = 1,
    .summary = "Say what a code means and what to do, with an example",
    .examples = {"explain-code E0102", "explain-code rate_limit_exceeded"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "check",
    .run = run,
};
