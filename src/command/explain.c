/* pinion explain: where a call would go, and why. The rules are asked by the pipeline that serves
 * callers, in a gateway of the command's own or in the running one. */
#include "base/clock.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/explain_print.h"
#include "command/offline_call.h"
#include "command/remote.h"
#include "document/json_write.h"
#include "gateway/request_state.h"

/* By a gateway of its own. A call that is refused where it leads is explained as well. */
static void show(const struct command_line *line, struct request *request,
                 __attribute__((unused)) bool refused)
{
    if (request->routing != NULL && request->routing->decided)
        explain_print(line, explain_text(request));
}

/* What the running one is asked. */
static struct text order_of(const struct command_line *line, const struct offline_call *call)
{
    const struct ask *ask = &call->ask;
    struct buffer out = buffer_in(line->arena);
    char when[CLOCK_RFC3339_BYTES];

    buffer_put_byte(&out, '{');
    json_put_text(&out, "endpoint", text_of(line->arguments[0]));
    json_put_name(&out, "body");
    buffer_put(&out, ask->body);
    json_put_name(&out, "headers");
    buffer_put_byte(&out, '{');
    for (size_t i = 0; i < ask->header_count; i++) {
        json_put_foreign_name(&out, ask->headers[i].name);
        json_put_string(&out, ask->headers[i].value);
    }
    buffer_put_byte(&out, '}');
    if (call->options.at_ms > 0)
        json_put_text(&out, "at", clock_rfc3339(call->options.at_ms, when));
    if (call->options.caller != NULL)
        json_put_text(&out, "token", call->options.caller->id);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

static int explain_there(const struct command_line *line, const struct offline_call *call)
{
    struct settings settings;
    struct error err = {0};
    struct text body;
    int status;

    if (!config_folder_settings(line, &settings, &err) ||
        !remote_call(line, &settings, "POST", TEXT("/admin/v1/explain"), order_of(line, call),
                     &status, &body, &err))
        return remote_error(line, &err);
    if (status != 200)
        return ask_refused(line, status, body);
    explain_print(line, body);
    return EXIT_DONE;
}

static int run(const struct command_line *line)
{
    struct offline_call call;
    int code;

    if (!offline_call_read(line, &call, &code))
        return code;
    return option_on(line, "running") ? explain_there(line, &call)
                                      : offline_call_make(line, &call, STAGE_ROUTE, show);
}

static const struct option_spec options[] = {
    ASK_OPTIONS,
    ASK_AT_OPTION,
    ASK_CALLER_OPTION,
    {.name = "running",
     .help =
         "ask the running server: with its configuration, what was spent, and how targets fare; "
         "else nothing was spent, and all are up"},
    PLACE_OPTIONS,
};

const struct command_spec command_explain = {
    .name = "explain",
    .arguments = "SLUG",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Show where a call would go and why: every rule, its conditions and what they saw",
    .examples = {"explain summarize -i article.json --at 2026-11-28T23:00:00+01:00",
                 "explain summarize -i article.json --token acme --running --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "render, check, logs, docs/routing.md",
    .run = run,
};
