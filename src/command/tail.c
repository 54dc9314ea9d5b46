/* pinion tail: requests as they are answered. */
#include "base/clock.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/log_query.h"
#include "command/log_text.h"
#include "command/remote.h"
#include "document/json_write.h"
#include "document/member.h"
#include "provider/sse.h"
#include "store/log_record.h"

#include <time.h>

enum {
    EVENT_BYTES = 16 << 20, /* a row's is far below */
    AGAIN_MS = 500,
    PATIENCE_MS = 60000 /* with a server that has gone */
};

struct tail {
    const struct command_line *line;
    struct settings settings;
    struct text path;
    struct sse_reader reader;
    char place[LOG_PLACE_CHARS]; /* behind which to go on; zeros: from where the path says */
    bool begun;                  /* an event has come ... */
    bool answered;               /* ... since the server was asked last */
    bool written;                /* standard output takes what is written */
};

/* --- what is heard
 * ----------------------------------------------------------------------------- */

static void remember(struct tail *tail, struct text place)
{
    if (place.len == sizeof tail->place)
        memcpy(tail->place, place.at, sizeof tail->place);
}

static void print(struct tail *tail, const struct document *row)
{
    struct buffer out = {0};

    if (option_on(tail->line, "json")) {
        json_put_cell(&out, row, 0);
        printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
    } else {
        log_text_print(row, 0);
    }
    buffer_release(&out);
    tail->written = fflush(stdout) == 0 && !ferror(stdout);
}

static void tell_lost(const struct document *lost)
{
    int64_t rows = member_integer(lost, 0, "rows");

    if (rows > 0)
        fprintf(stderr, "%lld requests were not stored, and are not shown\n", (long long)rows);
    else
        fprintf(stderr, "requests that the log has no more may be missing here\n");
}

static void take(struct tail *tail, const struct wire_event *event)
{
    struct arena arena = {0};
    struct command_line line = *tail->line;
    struct document document;

    line.arena = &arena;
    if (log_text_read(&line, event->data, &document)) {
        tail->answered = tail->begun = true;
        if (text_equal(event->name, TEXT("row"))) {
            print(tail, &document);
            remember(tail, member_text(&document, 0, "id"));
        } else if (text_equal(event->name, TEXT("lost"))) {
            tell_lost(&document);
        } else {
            remember(tail, member_text(&document, 0, "after"));
        }
    }
    arena_release(&arena);
}

static bool take_piece(void *context, struct text piece)
{
    struct tail *tail = context;
    struct wire_event event;
    struct error err = {0};

    while (tail->written && sse_next(&tail->reader, &piece, &event, &err))
        take(tail, &event);
    return tail->written && !tail->reader.failed;
}

/* --- and where
 * ---------------------------------------------------------------------------------
 */

/* Follows until the stream is over. False when that is the end, with the exit code. */
static bool follow_once(struct tail *tail, struct error *err, int *out_code)
{
    struct arena arena = {0};
    struct command_line line = *tail->line;
    struct remote_events events = {.piece = take_piece, .context = tail};
    struct fetch_reply reply;
    bool goes_on = true;

    line.arena = &arena;
    if (tail->place[0] != '\0')
        events.last = (struct text){tail->place, sizeof tail->place};
    tail->answered = false;
    tail->reader = (struct sse_reader){.line = buffer_in(&arena),
                                       .data = buffer_in(&arena),
                                       .name = buffer_in(&arena),
                                       .event_bytes_max = EVENT_BYTES};
    if (remote_follow(&line, &tail->settings, tail->path, &events, &reply, err) &&
        !reply.streamed && (reply.status != 503 || !tail->begun)) {
        *out_code = remote_failed(&line, reply.status, reply.body);
        goes_on = false;
    }
    if (!tail->written) {
        *out_code = EXIT_FAILED;
        goes_on = false;
    }
    arena_release(&arena);
    return goes_on;
}

static void rest(void)
{
    const struct timespec pause = {.tv_nsec = AGAIN_MS * 1000000L};

    nanosleep(&pause, NULL);
}

/* A server that is started anew is waited for; one that was never there is not. */
static int follow_on(struct tail *tail)
{
    uint64_t gone_ms = 0;
    struct error err = {0};
    int code;

    while (follow_once(tail, &err, &code)) {
        uint64_t now_ms = clock_monotonic_ms();

        if (tail->answered)
            gone_ms = 0;
        if (!tail->begun && err.code != ERROR_NONE)
            return remote_error(tail->line, &err);
        if (gone_ms == 0) {
            gone_ms = now_ms;
            if (!option_on(tail->line, "quiet"))
                fprintf(stderr, "the server has ended the stream; asking again\n");
        } else if (now_ms - gone_ms > PATIENCE_MS) {
            return err.code != ERROR_NONE ? remote_error(tail->line, &err) : EXIT_UNREACHABLE;
        }
        err = (struct error){0};
        rest();
    }
    return code;
}

static int follow(const struct command_line *line)
{
    struct tail tail = {.line = line, .written = true};
    struct buffer path = buffer_in(line->arena);
    struct error err = {0};

    buffer_put(&path, TEXT("/admin/v1/logs/stream"));
    if (!config_folder_settings(line, &tail.settings, &err) ||
        !query_put_options(line, log_filter_names, &path, &err))
        return remote_error(line, &err);
    tail.path = buffer_text(&path);
    return follow_on(&tail);
}

static const struct option_spec options[] = {
    LOG_FILTER_OPTIONS,
    LOG_TIME_OPTIONS,
    PLACE_OPTIONS,
};

const struct command_spec command_tail = {
    .name = "tail",
    .summary = "Show requests as they are answered",
    .examples = {"tail --endpoint summarize", "tail --status 5xx --from 10m --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "logs list, logs show",
    .run = follow,
};
