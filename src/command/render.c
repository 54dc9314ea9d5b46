/* pinion render: what would be sent for a call, and to whom, without sending it. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/offline_call.h"
#include "command/render_print.h"

static void show(const struct command_line *line, struct request *request, bool refused)
{
    if (refused)
        return;
    if (option_on(line, "json"))
        render_print_json(request, option_on(line, "provider-body"));
    else if (option_on(line, "provider-body"))
        render_print_body(request);
    else
        render_print(request, command_line_color(line, stdout));
}

static int run(const struct command_line *line)
{
    struct offline_call call;
    int code;

    return offline_call_read(line, &call, &code)
               ? offline_call_make(line, &call, STAGE_RENDER, show)
               : code;
}

static const struct option_spec options[] = {
    ASK_OPTIONS,
    ASK_AT_OPTION,
    ASK_CALLER_OPTION,
    {.name = "provider-body",
     .help = "the request as the target's own API would get it, credentials starred"},
    PLACE_OPTIONS,
};

const struct command_spec command_render = {
    .name = "render",
    .arguments = "SLUG",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Show the messages that a call would send, and to which model, without sending them",
    .examples = {"render summarize -i article.json",
                 "render summarize -i - --provider-body < article.json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "explain, call, test",
    .run = run,
};
