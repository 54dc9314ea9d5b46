#include "command/offline_call.h"

#include "command/trial_config.h"

static int fail(const struct command_line *line, const struct error *err)
{
    command_error_print(line->program, err, option_on(line, "json"), stderr);
    return err->code == ERROR_FILE_UNREADABLE   ? EXIT_NOT_FOUND
           : err->code == ERROR_INVALID_REQUEST ? EXIT_USAGE
                                                : EXIT_FAILED;
}

bool offline_call_read(const struct command_line *line, struct offline_call *out, int *out_code)
{
    struct error err = {0};

    *out = (struct offline_call){0};
    if (ask_read(line, &out->ask, &err) && ask_time(line, &out->options.at_ms, &err))
        return ask_caller(line, &out->options.caller, out_code);
    *out_code = fail(line, &err);
    return false;
}

static int make(const struct command_line *line, struct trial *trial, const struct trial_call *call,
                offline_show *show)
{
    struct trial_reply reply;
    struct request *request = trial_call(trial, call, &reply);
    int code = EXIT_DONE;

    show(line, request, reply.status != 0);
    if (reply.status != 0)
        code = ask_refused(line, reply.status, reply.body);
    trial_end(trial);
    return code;
}

int offline_call_make(const struct command_line *line, const struct offline_call *call,
                      enum stage_id until, offline_show *show)
{
    struct config *config = trial_config(line, TRIAL_OFFLINE);
    struct trial_call order = {.body = call->ask.body,
                               .headers = call->ask.headers,
                               .header_count = call->ask.header_count,
                               .until = until};
    const struct endpoint *endpoint;
    struct trial *trial;
    struct error err = {0};
    int code = EXIT_NOT_FOUND;

    if (config == NULL)
        return EXIT_CONFIG;
    endpoint = trial_endpoint(line, config, text_of(line->arguments[0]));
    if (endpoint != NULL) {
        order.slug = endpoint->slug;
        order.explains = until == STAGE_ROUTE;
        trial = trial_open(config, &call->options, &err);
        code = trial != NULL ? make(line, trial, &order, show) : fail(line, &err);
        trial_close(trial);
    }
    config_free(config);
    return code;
}
