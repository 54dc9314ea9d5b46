/* pinion webhooks list, dead, retry, forget, test: who is told of events, and what they did not
 * take, as the running server has it. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/log_query.h"
#include "command/remote.h"
#include "document/json_write.h"
#include "document/member.h"

static void print_webhook(const struct document *document, uint32_t row)
{
    struct text reason = member_text(document, row, "last_reason");

    printf("%-24.*s %-8.*s %8lld %8lld %10lld  %.*s%s%.*s\n",
           TEXT_ARG(member_text(document, row, "name")),
           TEXT_ARG(member_text(document, row, "state")), member_integer(document, row, "waiting"),
           member_integer(document, row, "dead"), member_integer(document, row, "delivered"),
           TEXT_ARG(member_text(document, row, "url")), reason.len > 0 ? ": " : "",
           TEXT_ARG(reason));
}

static int list(const struct command_line *line)
{
    struct document document;
    uint32_t data;
    int code;

    if (!remote_ask(line, "GET", TEXT("/admin/v1/webhooks"), (struct text){0}, &document, &code))
        return code;
    data = document_member(&document, 0, TEXT("data"));
    if (data != CELL_NONE && document.cells[data].size > 0)
        printf("%-24s %-8s %8s %8s %10s  %s\n", "webhook", "state", "waiting", "dead", "delivered",
               "url");
    if (remote_each(&document, print_webhook) == 0 && !option_on(line, "quiet"))
        fputs("there are none; pinion.yaml names them: webhooks: [{url: https://hooks.example.com, "
              "secret: \"${secret:hooks}\"}]\n",
              stderr);
    return EXIT_DONE;
}

static void print_dead(const struct document *document, uint32_t row)
{
    printf("%.*s  %.*s  %.*s  %.*s  %lld attempts, the last: %.*s\n",
           TEXT_ARG(member_text(document, row, "given_up")),
           TEXT_ARG(member_text(document, row, "webhook")),
           TEXT_ARG(member_text(document, row, "id")), TEXT_ARG(member_text(document, row, "type")),
           member_integer(document, row, "tries"),
           TEXT_ARG(member_text(document, row, "last_reason")));
}

static int dead(const struct command_line *line)
{
    struct buffer path = buffer_in(line->arena);
    struct document document;
    struct text last;
    int code;

    buffer_put(&path, TEXT("/admin/v1/webhooks/dead"));
    query_put(&path, "limit", TEXT("200"));
    if (line->argument_count > 0)
        query_put(&path, "webhook", text_of(line->arguments[0]));
    if (option_text(line, "after") != NULL)
        query_put(&path, "after", text_of(option_text(line, "after")));
    if (!remote_ask(line, "GET", buffer_text(&path), (struct text){0}, &document, &code))
        return code;
    if (remote_each(&document, print_dead) == 0 && !option_on(line, "quiet"))
        fputs("no event was given up\n", stderr);
    last = member_text(&document, 0, "last_id");
    if (member_flag(&document, 0, "has_more") && !option_on(line, "quiet"))
        fprintf(stderr, "there are more: add --after %.*s\n", TEXT_ARG(last));
    return EXIT_DONE;
}

/* What may stand in a path: else it has been said that there is none of that name. */
static bool is_name(const char *name)
{
    if (*name != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(name))
        return true;
    fprintf(stderr, "pinion: '%s' cannot be the name of a webhook; see: pinion webhooks list\n",
            name);
    return false;
}

static int retry(const struct command_line *line)
{
    struct buffer order = buffer_in(line->arena);
    struct document document;
    int code;

    if (!is_name(line->arguments[0]))
        return EXIT_USAGE;
    buffer_put_byte(&order, '{');
    if (line->argument_count > 1)
        json_put_text(&order, "id", text_of(line->arguments[1]));
    buffer_put_byte(&order, '}');
    if (!remote_ask_long(
            line, "POST",
            arena_printf(line->arena, "/admin/v1/webhooks/%s/retry", line->arguments[0]),
            buffer_text(&order), &document, &code))
        return code;
    printf("%lld events are sent to %s again\n", member_integer(&document, 0, "retried"),
           line->arguments[0]);
    return EXIT_DONE;
}

static int forget(const struct command_line *line)
{
    struct buffer path = buffer_in(line->arena);
    struct document document;
    int code;

    if (!is_name(line->arguments[0]))
        return EXIT_USAGE;
    buffer_printf(&path, "/admin/v1/webhooks/%s/dead", line->arguments[0]);
    if (line->argument_count > 1)
        query_put(&path, "id", text_of(line->arguments[1]));
    if (!remote_ask_long(line, "DELETE", buffer_text(&path), (struct text){0}, &document, &code))
        return code;
    printf("%lld events that were given up are forgotten\n",
           member_integer(&document, 0, "forgotten"));
    return EXIT_DONE;
}

static int test(const struct command_line *line)
{
    struct document document;
    struct text reason;
    int code;

    if (!is_name(line->arguments[0]))
        return EXIT_USAGE;
    if (!remote_ask(line, "POST",
                    arena_printf(line->arena, "/admin/v1/webhooks/%s/test", line->arguments[0]),
                    TEXT("{}"), &document, &code))
        return code;
    reason = member_text(&document, 0, "reason");
    if (member_flag(&document, 0, "delivered")) {
        printf("%s has taken a test event: status %lld after %lld ms\n", line->arguments[0],
               member_integer(&document, 0, "status"), member_integer(&document, 0, "took_ms"));
        return EXIT_DONE;
    }
    fprintf(stderr, "%s has not taken a test event: %.*s\n", line->arguments[0], TEXT_ARG(reason));
    return EXIT_FAILED;
}

static const struct option_spec options[] = {PLACE_OPTIONS};
static const struct option_spec dead_options[] = {
    {.name = "after", .argument = "PLACE", .help = "go on behind there, as the page before says"},
    PLACE_OPTIONS,
};

const struct command_spec command_webhooks_list = {
    .name = "webhooks list",
    .summary = "Show who is told of events, and whether they take them",
    .examples = {"webhooks list", "webhooks list --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "webhooks test, webhooks dead",
    .run = list,
};

const struct command_spec command_webhooks_dead = {
    .name = "webhooks dead",
    .arguments = "[WEBHOOK]",
    .arguments_max = 1,
    .summary = "Show events that were given up",
    .examples = {"webhooks dead", "webhooks dead ops --json"},
    .options = dead_options,
    .option_count = sizeof dead_options / sizeof *dead_options,
    .see_also = "webhooks retry, webhooks forget",
    .run = dead,
};

const struct command_spec command_webhooks_retry = {
    .name = "webhooks retry",
    .arguments = "WEBHOOK [ID]",
    .arguments_min = 1,
    .arguments_max = 2,
    .summary = "Send events again that were given up: one, or all",
    .examples = {"webhooks retry ops", "webhooks retry ops evt_01j8x2v6q4m8a7c3d9e5f1g2h3"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "webhooks dead, webhooks test",
    .run = retry,
};

const struct command_spec command_webhooks_forget = {
    .name = "webhooks forget",
    .arguments = "WEBHOOK [ID]",
    .arguments_min = 1,
    .arguments_max = 2,
    .summary = "Forget events that were given up: one, or all",
    .examples = {"webhooks forget ops", "webhooks forget ops evt_01j8x2v6q4m8a7c3d9e5f1g2h3"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "webhooks dead, webhooks retry",
    .run = forget,
};

const struct command_spec command_webhooks_test = {
    .name = "webhooks test",
    .arguments = "WEBHOOK",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Send a test event now, once, and say what came of it",
    .examples = {"webhooks test ops", "webhooks test ops --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "webhooks list, webhooks dead",
    .run = test,
};
