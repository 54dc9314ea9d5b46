/* pinion canary: how the calls of routing rules that are watched fare beside the rest, as the
 * running server sees them, and switching one on again that was switched off. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "config/config.h"
#include "document/json_read.h"
#include "document/json_write.h"

static bool flag(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    return at != CELL_NONE && document->cells[at].type == CELL_BOOLEAN &&
           document->cells[at].boolean;
}

static struct text member(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    if (at == CELL_NONE || document->cells[at].type == CELL_NULL)
        return TEXT("");
    return document_text(document, at);
}

static long long number(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    return at != CELL_NONE && document->cells[at].type == CELL_INTEGER ? document->cells[at].integer
                                                                       : 0;
}

static void print_side(const struct document *document, uint32_t row, const char *name)
{
    uint32_t side = document_member(document, row, text_of(name));
    struct text cost = member(document, side, "mean_cost_usd");

    printf("  %-6s %lld calls, %lld of them 422", name, number(document, side, "calls"),
           number(document, side, "refused"));
    if (cost.len > 0)
        printf(", %.*s USD each", TEXT_ARG(cost));
    printf("\n");
}

static void print_rule(const struct document *document, uint32_t row)
{
    bool off = text_equal(member(document, row, "state"), TEXT("off"));

    printf("%.*s: %.*s -> %.*s/%.*s, %s\n", TEXT_ARG(member(document, row, "endpoint")),
           TEXT_ARG(member(document, row, "rule")), TEXT_ARG(member(document, row, "provider")),
           TEXT_ARG(member(document, row, "model")), off ? "off" : "on");
    if (off) {
        printf("  since  %.*s\n", TEXT_ARG(member(document, row, "since")));
        printf("  why    %.*s\n", TEXT_ARG(member(document, row, "why")));
        if (!flag(document, row, "durable"))
            printf("  this is not written yet, so that a restart would forget it\n");
        return;
    }
    print_side(document, row, "taken");
    print_side(document, row, "rest");
}

static int print_list(const struct command_line *line, struct text body)
{
    struct document document;
    struct error err = {0};
    uint32_t data;

    if (option_on(line, "json")) {
        printf("%.*s\n", TEXT_ARG(body));
        return EXIT_DONE;
    }
    if (!json_read(body, NULL, line->arena, &document, NULL, &err))
        return remote_error(line, &err);
    data = document_member(&document, 0, TEXT("data"));
    for (uint32_t i = data + 1; data != CELL_NONE && i < document.cells[data].end;
         i = document_next(&document, i))
        print_rule(&document, i);
    if (data != CELL_NONE && document.cells[data].size == 0 && !option_on(line, "quiet"))
        fputs("no rule is watched; a rule of 'routing' is with watch: {max_422_pct: 5}\n", stderr);
    if (flag(&document, 0, "has_more") && !option_on(line, "quiet"))
        fputs("there are more: name an endpoint to see its own\n", stderr);
    return EXIT_DONE;
}

/* Into a path, so only what can be a slug. */
static bool slug_of(const struct command_line *line, struct text *out)
{
    struct error err = {0};

    *out = text_of(line->arguments[0]);
    if (slug_valid(*out))
        return true;
    error_set(&err, ERROR_INVALID_REQUEST, "SLUG", "'%.*s' cannot be the slug of an endpoint",
              TEXT_ARG(text_first(*out, 64)));
    remote_error(line, &err);
    return false;
}

static int canary(const struct command_line *line)
{
    struct text path = TEXT("/admin/v1/canaries?limit=200"), slug, body;
    struct settings settings;
    struct error err = {0};
    int status;

    if (line->argument_count > 0) {
        if (!slug_of(line, &slug))
            return EXIT_USAGE;
        path = arena_printf(line->arena, "%.*s&endpoint=%.*s", TEXT_ARG(path), TEXT_ARG(slug));
    }
    if (!config_folder_settings(line, &settings, &err) ||
        !remote_call(line, &settings, "GET", path, (struct text){0}, &status, &body, &err))
        return remote_error(line, &err);
    return status == 200 ? print_list(line, body) : remote_failed(line, status, body);
}

static int print_rearmed(const struct command_line *line, struct text body)
{
    struct document document;
    struct error err = {0};

    if (option_on(line, "json")) {
        printf("%.*s\n", TEXT_ARG(body));
        return EXIT_DONE;
    }
    if (!json_read(body, NULL, line->arena, &document, NULL, &err))
        return remote_error(line, &err);
    printf("rule '%.*s' of %.*s %s\n", TEXT_ARG(member(&document, 0, "rule")),
           TEXT_ARG(member(&document, 0, "endpoint")),
           flag(&document, 0, "changed") ? "is switched on again, and watched from the beginning"
                                         : "was on already");
    if (!option_on(line, "quiet"))
        fprintf(stderr, "see how it fares: pinion canary %.*s\n",
                TEXT_ARG(member(&document, 0, "endpoint")));
    return EXIT_DONE;
}

static int rearm(const struct command_line *line)
{
    struct buffer order = buffer_in(line->arena);
    struct settings settings;
    struct text slug, path, body;
    struct error err = {0};
    int status;

    if (!slug_of(line, &slug))
        return EXIT_USAGE;
    buffer_put(&order, TEXT("{\"rule\":"));
    json_put_string(&order, text_of(line->arguments[1]));
    buffer_put_byte(&order, '}');
    path = arena_printf(line->arena, "/admin/v1/canaries/%.*s/rearm", TEXT_ARG(slug));
    if (!config_folder_settings(line, &settings, &err) ||
        !remote_call(line, &settings, "POST", path, buffer_text(&order), &status, &body, &err))
        return remote_error(line, &err);
    return status == 200 ? print_rearmed(line, body) : remote_failed(line, status, body);
}

static const struct option_spec options[] = {PLACE_OPTIONS};

const struct command_spec command_canary_rearm = {
    .name = "canary rearm",
    .arguments = "SLUG RULE",
    .arguments_min = 2,
    .arguments_max = 2,
    .summary = "Switch a routing rule on again that was switched off by itself",
    .examples = {"canary rearm summarize canary", "canary rearm summarize 'the new model' --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "canary, explain",
    .run = rearm,
};

const struct command_spec command_canary = {
    .name = "canary",
    .arguments = "[SLUG]",
    .arguments_max = 1,
    .summary = "Show how the calls of watched routing rules fare beside the rest",
    .examples = {"canary", "canary summarize --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "canary rearm, explain, history",
    .run = canary,
};
