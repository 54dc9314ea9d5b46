/* pinion explain: where a call would go, and why. The rules are asked by the pipeline that serves
 * callers, in a gateway of the command's own or in the running one. */
#include "base/clock.h"
#include "command/ask.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/explain_print.h"
#include "command/remote.h"
#include "command/trial_config.h"
#include "document/json_write.h"
#include "gateway/respond.h"
#include "trial/trial.h"

static int fail(const struct command_line *line, const struct error *err)
{
    command_error_print(line->program, err, option_on(line, "json"), stderr);
    return err->code == ERROR_FILE_UNREADABLE   ? EXIT_NOT_FOUND
           : err->code == ERROR_INVALID_REQUEST ? EXIT_USAGE
                                                : EXIT_FAILED;
}

/* --- by a gateway of its own
 * --------------------------------------------------------------------- */

/* As the admin listener's /explain has it. */
static struct text told(const struct request *request, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    char when[CLOCK_RFC3339_BYTES];

    buffer_put_byte(&out, '{');
    json_put_text(&out, "endpoint", request->endpoint->slug);
    json_put_text(&out, "version", text_first(request->endpoint->version, VERSION_SHOWN));
    json_put_text(&out, "at", clock_rfc3339(request->wall_ms, when));
    explain_put_member(request, &out);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

static int show(const struct command_line *line, struct trial *trial, const struct ask *ask,
                const struct endpoint *endpoint)
{
    const struct trial_call call = {.slug = endpoint->slug,
                                    .body = ask->body,
                                    .headers = ask->headers,
                                    .header_count = ask->header_count,
                                    .until = STAGE_ROUTE,
                                    .explains = true};
    struct trial_reply reply;
    const struct request *request = trial_call(trial, &call, &reply);
    bool decided = request->routing != NULL && request->routing->decided;
    int code = EXIT_DONE;

    if (decided)
        explain_print(line, told(request, line->arena));
    if (reply.status != 0)
        code = ask_refused(line, reply.status, reply.body);
    trial_end(trial);
    return code;
}

static int explain_here(const struct command_line *line, const struct ask *ask,
                        const struct trial_options *options)
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

/* --- by the running one
 * -------------------------------------------------------------------------- */

static struct text order_of(const struct command_line *line, const struct ask *ask,
                            const struct trial_options *options)
{
    struct buffer out = buffer_in(line->arena);
    char when[CLOCK_RFC3339_BYTES];

    buffer_put_byte(&out, '{');
    json_put_text(&out, "endpoint", text_of(line->arguments[0]));
    json_put_name(&out, "body");
    buffer_put(&out, ask->body);
    json_put_name(&out, "headers");
    buffer_put_byte(&out, '{');
    for (size_t i = 0; i < ask->header_count; i++)
        json_put_text(&out, arena_terminated(line->arena, ask->headers[i].name),
                      ask->headers[i].value);
    buffer_put_byte(&out, '}');
    if (options->at_ms > 0)
        json_put_text(&out, "at", clock_rfc3339(options->at_ms, when));
    if (options->caller != NULL)
        json_put_text(&out, "token", options->caller->id);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

static int explain_there(const struct command_line *line, const struct ask *ask,
                         const struct trial_options *options)
{
    struct settings settings;
    struct error err = {0};
    struct text body;
    int status;

    if (!config_folder_settings(line, &settings, &err) ||
        !remote_call(line, &settings, "POST", TEXT("/admin/v1/explain"),
                     order_of(line, ask, options), &status, &body, &err))
        return remote_error(line, &err);
    if (status != 200)
        return ask_refused(line, status, body);
    explain_print(line, body);
    return EXIT_DONE;
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
    return option_on(line, "running") ? explain_there(line, &ask, &options)
                                      : explain_here(line, &ask, &options);
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
