/* pinion schema check: documents against a JSON Schema, without a server and without a
 * configuration. */
#include "command/commands.h"
#include "base/input.h"
#include "command/schema_files.h"
#include "config/report.h"
#include "document/json_write.h"
#include "schema/output.h"
#include "schema/set.h"

#include <limits.h>
#include <string.h>

static const struct option_spec options[] = {
    {.name = "format",
     .argument = "FORM",
     .help = "how to print what is wrong; flag and basic are the standard's own forms",
     .choices = "human|short|json|flag|basic"},
    {.name = "schemas",
     .argument = "DIR",
     .help = "a folder of schemas that references may lead to, by path or by $id",
     .repeated = true},
    {.name = "formats",
     .argument = "MODE",
     .help = "whether the keyword format is checked",
     .choices = "assert|annotate|by-dialect",
     .fallback = "assert"},
    {.name = "lines", .help = "every line of a DOC is a document (JSON Lines)"},
};

enum form { FORM_HUMAN, FORM_SHORT, FORM_JSON, FORM_FLAG, FORM_BASIC };

/* The run of the command. */
struct checking {
    const struct command_line *line;
    struct arena *arena; /* of the schema */
    const struct schema *schema;
    enum form form;
    struct buffer json; /* the items of the JSON form so far */
    size_t valid, invalid;
};

/* One document of it. */
struct subject {
    const char *name;    /* of the file */
    uint32_t first_line; /* of it there; 0: the file is the document */
    struct text source;
    struct arena arena;
    struct diagnostics diagnostics;
};

static enum form form_of(const struct command_line *line)
{
    static const char *const names[] = {"human", "short", "json", "flag", "basic"};
    const char *given = option_text(line, "format");

    for (unsigned i = 0; given != NULL && i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], given) == 0)
            return (enum form)i;
    }
    return option_on(line, "json") ? FORM_JSON : FORM_HUMAN;
}

static enum formats_mode formats_of(const struct command_line *line)
{
    const char *given = option_text(line, "formats");

    if (strcmp(given, "annotate") == 0)
        return FORMATS_ANNOTATE;
    return strcmp(given, "by-dialect") == 0 ? FORMATS_BY_DIALECT : FORMATS_ASSERT;
}

/* The standard's forms have no place for a document that is none: that is told beside them. */
static void print_report(struct checking *it, const struct diagnostics *diagnostics)
{
    enum report_form form = it->form == FORM_JSON    ? REPORT_JSON
                            : it->form == FORM_HUMAN ? REPORT_HUMAN
                                                     : REPORT_SHORT;
    FILE *stream = it->form >= FORM_FLAG ? stderr : stdout;
    struct buffer report = {0};

    report_write(diagnostics, form, command_line_color(it->line, stream), &report);
    if (report.len > 0)
        fwrite(report.at, 1, report.len, stream);
    buffer_release(&report);
}

/* Gives the exit code when the schema cannot be had; EXIT_DONE otherwise. */
static int load_schema(struct checking *it)
{
    const char *name = it->line->arguments[0], *const * folders;
    size_t count = option_texts(it->line, "schemas", &folders);
    struct diagnostics diagnostics = {.arena = it->arena};
    struct document *document = ARENA_NEW(it->arena, struct document);
    struct schema_options how = {.set = NULL, .formats = formats_of(it->line)};
    struct schema_set *set = schema_set_new(it->arena);
    struct error err = {0};
    struct text source;

    for (size_t i = 0; i < count && err.code == ERROR_NONE; i++)
        schema_files_add_folder(set, folders[i], it->arena, &diagnostics, &err);
    if (err.code != ERROR_NONE || !input_read(name, it->arena, &source, &err)) {
        command_error_print(it->line->program, &err, it->form == FORM_JSON, stderr);
        return EXIT_NOT_FOUND;
    }
    how.set = set;
    how.uri = schema_files_uri(it->arena, name);
    if (schema_files_read(source, name, it->arena, document, &diagnostics))
        it->schema = schema_compile_with(document, 0, &how, it->arena, &diagnostics);
    if (diagnostics.count > 0 && (it->schema == NULL || it->form <= FORM_SHORT) &&
        !option_on(it->line, "quiet"))
        print_report(it, &diagnostics);
    return it->schema == NULL ? EXIT_CONFIG : EXIT_DONE;
}

/* What a violation is, as a diagnostic with a frame of the document around it. */
static void diagnose_violations(struct subject *subject, const struct document *document,
                                const struct violations *violations)
{
    for (size_t i = 0; i < violations->listed; i++) {
        const struct violation *it = &violations->items[i];

        diagnostic_hint(&subject->diagnostics,
                        diagnose(&subject->diagnostics, document, it->cell, DIAGNOSTIC_E0207,
                                 "%.*s", TEXT_ARG(it->message)),
                        "see %.*s", TEXT_ARG(it->schema_at));
    }
    subject->diagnostics.error_count += violations->total - violations->listed;
}

static void begin_item(struct checking *it, const struct subject *subject, bool valid)
{
    if (it->json.len > 0)
        buffer_put_byte(&it->json, ',');
    buffer_put_byte(&it->json, '{');
    json_put_text(&it->json, "document", text_of(subject->name));
    if (subject->first_line > 0)
        json_put_count(&it->json, "line", subject->first_line);
    json_put_flag(&it->json, "valid", valid);
}

static void put_unreadable(struct checking *it, const struct subject *subject)
{
    const struct diagnostic *problem = &subject->diagnostics.items[0];

    begin_item(it, subject, false);
    json_put_name(&it->json, "error");
    buffer_put_byte(&it->json, '{');
    json_put_text(&it->json, "message", problem->message);
    json_put_count(&it->json, "byte", problem->range.start.byte);
    json_put_count(&it->json, "line", problem->range.start.line);
    json_put_count(&it->json, "column", problem->range.start.column);
    buffer_put(&it->json, TEXT("}}"));
}

static void put_verdict(struct checking *it, struct subject *subject,
                        const struct document *document, bool valid)
{
    struct violations *violations = ARENA_NEW(&subject->arena, struct violations);

    if (!valid) {
        schema_explain(it->schema, document, 0, &subject->arena, violations);
        violations_locate(violations, document);
    }
    if (it->form == FORM_JSON) {
        begin_item(it, subject, valid);
        violations_write_json(violations, &it->json);
        buffer_put_byte(&it->json, '}');
    } else {
        diagnose_violations(subject, document, violations);
    }
}

static void put_standard_form(struct checking *it, struct subject *subject,
                              const struct document *document)
{
    struct buffer out = {0};

    schema_output(it->schema, document, 0, it->form == FORM_FLAG ? OUTPUT_FLAG : OUTPUT_BASIC,
                  &subject->arena, &out);
    buffer_put_byte(&out, '\n');
    fwrite(out.at, 1, out.len, stdout);
    buffer_release(&out);
}

static void check_subject(struct checking *it, struct subject *subject)
{
    struct document document;
    bool valid;

    subject->diagnostics.arena = &subject->arena;
    if (!schema_files_read(subject->source, subject->name, &subject->arena, &document,
                           &subject->diagnostics)) {
        it->invalid++;
        if (it->form == FORM_JSON)
            put_unreadable(it, subject);
    } else {
        valid = schema_check(it->schema, &document, 0, &subject->arena);
        *(valid ? &it->valid : &it->invalid) += 1;
        if (it->form >= FORM_FLAG)
            put_standard_form(it, subject, &document);
        else
            put_verdict(it, subject, &document, valid);
    }
    if (it->form != FORM_JSON && subject->diagnostics.count > 0 && !option_on(it->line, "quiet"))
        print_report(it, &subject->diagnostics);
    arena_release(&subject->arena);
}

/* Every line that is not blank is one. */
static void check_lines(struct checking *it, const char *name, struct text source)
{
    for (uint32_t line = 1; source.len > 0; line++) {
        struct subject subject = {.name = name, .first_line = line};

        subject.source = text_split(&source, '\n');
        if (text_trim(subject.source).len > 0)
            check_subject(it, &subject);
    }
}

static bool check_file(struct checking *it, const char *name)
{
    struct subject subject = {.name = name};
    struct arena arena = {0};
    struct error err = {0};
    bool good = input_read(name, &arena, &subject.source, &err);

    if (!good)
        command_error_print(it->line->program, &err, it->form == FORM_JSON, stderr);
    else if (option_on(it->line, "lines"))
        check_lines(it, name, subject.source);
    else
        check_subject(it, &subject);
    arena_release(&arena);
    return good;
}

static void print_summary(const struct checking *it)
{
    size_t all = it->valid + it->invalid;

    if (all == 0 && it->form != FORM_JSON)
        return;
    if (it->form == FORM_JSON)
        printf("{\"format_version\":\"1.0\",\"valid\":%s,\"documents\":[%.*s]}\n",
               it->invalid == 0 ? "true" : "false", TEXT_ARG(buffer_text(&it->json)));
    else if (it->invalid == 0 && it->form <= FORM_SHORT && !option_on(it->line, "quiet"))
        fprintf(stderr, "ok: %zu document%s fit%s the schema\n", all, all == 1 ? "" : "s",
                all == 1 ? "s" : "");
    else if (it->form <= FORM_SHORT && !option_on(it->line, "quiet"))
        fprintf(stderr, "%zu of %zu document%s do%s not fit the schema\n", it->invalid, all,
                all == 1 ? "" : "s", it->invalid == 1 ? "es" : "");
}

/* Standard input can be read once. */
static bool names_input_twice(const struct command_line *line)
{
    size_t count = 0;

    for (size_t i = 0; i < line->argument_count; i++)
        count += strcmp(line->arguments[i], "-") == 0;
    return count > 1;
}

static int run(const struct command_line *line)
{
    struct checking it = {.line = line, .arena = line->arena, .form = form_of(line)};
    struct error err;
    int code;

    if (names_input_twice(line)) {
        error_set(&err, ERROR_INVALID_REQUEST, NULL, "standard input '-' is named twice");
        command_error_print(line->program, &err, it.form == FORM_JSON, stderr);
        return EXIT_USAGE;
    }
    code = load_schema(&it);
    if (code != EXIT_DONE)
        return code;
    for (size_t i = 1; i < line->argument_count; i++) {
        if (!check_file(&it, line->arguments[i]))
            code = EXIT_NOT_FOUND;
    }
    print_summary(&it);
    buffer_release(&it.json);
    if (code == EXIT_DONE && it.invalid > 0)
        code = EXIT_FAILED;
    return code;
}

const struct command_spec command_schema_check = {
    .name = "schema check",
    .arguments = "SCHEMA DOC...",
    .arguments_min = 2,
    .arguments_max = UINT_MAX,
    .summary = "Check documents against a JSON Schema and say everything that is wrong with them",
    .examples = {"schema check schemas/summarize.out.json answer.json",
                 "schema check --lines --json schema.json - < answers.jsonl"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "check",
    .run = run,
};
