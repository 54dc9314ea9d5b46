/* pinion render: what would be sent for a call, and to whom, without sending it. */
#include "command/ask.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/render_print.h"
#include "command/trial_config.h"
#include "trial/trial.h"

static int fail(const struct command_line *line, const struct error *err)
{
    command_error_print(line->program, err, option_on(line, "json"), stderr);
    return err->code == ERROR_FILE_UNREADABLE   ? EXIT_NOT_FOUND
           : err->code == ERROR_INVALID_REQUEST ? EXIT_USAGE
                                                : EXIT_FAILED;
}

static int show(const struct command_line *line, struct trial *trial, const struct ask *ask,
                const struct endpoint *endpoint)
{
    const struct trial_call call = {.slug = endpoint->slug,
                                    .body = ask->body,
                                    .headers = ask->headers,
                                    .header_count = ask->header_count,
                                    .until = STAGE_RENDER};
    struct trial_reply reply;
    struct request *request = trial_call(trial, &call, &reply);
    int code = EXIT_DONE;

    if (reply.status != 0)
        code = ask_refused(line, reply.status, reply.body);
    else if (option_on(line, "json"))
        render_print_json(request, option_on(line, "provider-body"));
    else if (option_on(line, "provider-body"))
        render_print_body(request);
    else
        render_print(request, command_line_color(line, stdout));
    trial_end(trial);
    return code;
}

static int render(const struct command_line *line, const struct ask *ask,
                  struct trial_options *options)
{
    struct config *config = trial_config(line, TRIAL_OFFLINE);
    const struct endpoint *endpoint;
    struct trial *trial;
    struct error err = {0};
    int code = EXIT_NOT_FOUND;

    if (config == NULL)
        return EXIT_CONFIG;
    endpoint = trial_endpoint(line, config, text_of(line->arguments[0]));
    if (endpoint != NULL) {
        trial = trial_open(config, options, &err);
        code = trial != NULL ? show(line, trial, ask, endpoint) : fail(line, &err);
        trial_close(trial);
    }
    config_free(config);
    return code;
}

static int run(const struct command_line *line)
{
    struct trial_options options = {0};
    struct error err = {0};
    struct ask ask;
    int code;

    if (!ask_read(line, &ask, &err) || !ask_time(line, &options.at_ms, &err))
        return fail(line, &err);
    if (!ask_caller(line, &options.caller, &code))
        return code;
    return render(line, &ask, &options);
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
