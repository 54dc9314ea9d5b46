/* pinion canary: how the calls of routing rules that are watched fare beside the rest, as the
 * running server sees them, and switching one on again that was switched off. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "document/json_write.h"
#include "document/member.h"

static void print_side(const struct document *document, uint32_t row, const char *name)
{
    uint32_t side = document_member(document, row, text_of(name));
    struct text cost = member_text(document, side, "mean_cost_usd");

    printf("  %-6s %lld calls, %lld of them 422", name, member_integer(document, side, "calls"),
           member_integer(document, side, "refused"));
    if (cost.len > 0)
        printf(", %.*s USD each", TEXT_ARG(cost));
    printf("\n");
}

static void print_rule(const struct document *document, uint32_t row)
{
    bool off = text_equal(member_text(document, row, "state"), TEXT("off"));

    printf("%.*s: %.*s -> %.*s/%.*s, %s\n", TEXT_ARG(member_text(document, row, "endpoint")),
           TEXT_ARG(member_text(document, row, "rule")),
           TEXT_ARG(member_text(document, row, "provider")),
           TEXT_ARG(member_text(document, row, "model")), off ? "off" : "on");
    if (off) {
        printf("  since  %.*s\n", TEXT_ARG(member_text(document, row, "since")));
        printf("  why    %.*s\n", TEXT_ARG(member_text(document, row, "why")));
        if (!member_flag(document, row, "durable"))
            printf("  this is not written yet, so that a restart would forget it\n");
        return;
    }
    print_side(document, row, "taken");
    print_side(document, row, "rest");
}

static int canary(const struct command_line *line)
{
    struct document list;
    int code;

    if (!remote_ask_list(line, "/admin/v1/canaries", &list, &code))
        return code;
    if (remote_each(&list, print_rule) == 0 && !option_on(line, "quiet"))
        fputs("no rule is watched; a rule of 'routing' is with watch: {max_422_pct: 5}\n", stderr);
    if (member_flag(&list, 0, "has_more") && !option_on(line, "quiet"))
        fputs("there are more: name an endpoint to see its own\n", stderr);
    return EXIT_DONE;
}

static int print_rearmed(const struct command_line *line, const struct document *document)
{
    struct text endpoint = member_text(document, 0, "endpoint");

    printf(
        "rule '%.*s' of %.*s %s\n", TEXT_ARG(member_text(document, 0, "rule")), TEXT_ARG(endpoint),
        member_flag(document, 0, "changed") ? "is switched on again, and watched from the beginning"
                                            : "was on already");
    if (!option_on(line, "quiet"))
        fprintf(stderr, "see how it fares: pinion canary %.*s\n", TEXT_ARG(endpoint));
    return EXIT_DONE;
}

static int rearm(const struct command_line *line)
{
    struct buffer order = buffer_in(line->arena);
    struct document document;
    struct text slug, path;
    int code;

    if (!remote_slug(line, line->arguments[0], &slug))
        return EXIT_USAGE;
    buffer_put_byte(&order, '{');
    json_put_text(&order, "rule", text_of(line->arguments[1]));
    buffer_put_byte(&order, '}');
    path = arena_printf(line->arena, "/admin/v1/canaries/%.*s/rearm", TEXT_ARG(slug));
    return remote_ask(line, "POST", path, buffer_text(&order), &document, &code)
               ? print_rearmed(line, &document)
               : code;
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
