/* pinion tail: requests as they are answered. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/log_query.h"
#include "command/log_text.h"
#include "command/remote.h"
#include "document/json_write.h"
#include "document/member.h"
#include "store/log_record.h"

#include <time.h>

enum { LOOK_MS = 500 };

struct tail {
    const struct command_line *line;
    struct settings settings;
    struct text filters;         /* of the path */
    char place[LOG_PLACE_CHARS]; /* behind which to go on; zeros: from the first */
    int code;
};

/* One page of the log in `arena`; false, having said why, when there is no answer. */
static bool get(struct tail *tail, struct arena *arena, const char *order, const char *limit,
                struct document *out)
{
    struct command_line line = *tail->line;
    struct buffer path = buffer_in(arena);
    struct error err = {0};
    struct text body;
    int status;

    line.arena = arena;
    buffer_put(&path, tail->filters);
    query_put(&path, "order", text_of(order));
    query_put(&path, "limit", text_of(limit));
    if (tail->place[0] != '\0')
        query_put(&path, "after", (struct text){tail->place, sizeof tail->place});
    if (!remote_call(&line, &tail->settings, "GET", buffer_text(&path), (struct text){0}, &status,
                     &body, &err)) {
        tail->code = remote_error(&line, &err);
        return false;
    }
    if (status == 200 && log_text_read(&line, body, out))
        return true;
    tail->code = remote_failed(&line, status, body);
    return false;
}

static void remember(struct tail *tail, const struct document *page, const char *member)
{
    struct text id = member_text(page, 0, member);

    if (id.len == sizeof tail->place)
        memcpy(tail->place, id.at, sizeof tail->place);
}

static void print(const struct tail *tail, const struct document *page)
{
    uint32_t data = document_member(page, 0, TEXT("data"));
    struct buffer out = {0};

    for (uint32_t i = data + 1; data != CELL_NONE && i < page->cells[data].end;
         i = document_next(page, i)) {
        if (!option_on(tail->line, "json")) {
            log_text_print(page, i);
            continue;
        }
        out.len = 0;
        json_put_cell(&out, page, i);
        printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
    }
    buffer_release(&out);
}

/* What was written since the last look; false when it is over. */
static bool look(struct tail *tail, bool *out_more)
{
    struct arena arena = {0};
    struct document page;
    bool good = get(tail, &arena, "asc", "200", &page);

    if (good) {
        uint32_t more = document_member(&page, 0, TEXT("has_more"));

        *out_more = more != CELL_NONE && page.cells[more].boolean;
        print(tail, &page);
        remember(tail, &page, "last_id");
        good = fflush(stdout) == 0 && !ferror(stdout);
    }
    arena_release(&arena);
    return good;
}

static int follow(const struct command_line *line)
{
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    struct tail tail = {.line = line, .code = EXIT_FAILED};
    struct buffer path = buffer_in(line->arena);
    struct error err = {0};
    struct document newest;
    bool more = false;

    buffer_put(&path, TEXT("/admin/v1/logs"));
    if (!config_folder_settings(line, &tail.settings, &err) ||
        !query_put_options(line, log_filter_names, &path, &err))
        return remote_error(line, &err);
    tail.filters = TEXT("/admin/v1/logs"); /* the newest of all, to begin behind */
    if (!get(&tail, line->arena, "desc", "1", &newest))
        return tail.code;
    remember(&tail, &newest, "first_id");
    tail.filters = buffer_text(&path);
    while (look(&tail, &more))
        if (!more)
            nanosleep(&pause, NULL);
    return tail.code;
}

static const struct option_spec options[] = {
    LOG_FILTER_OPTIONS,
    LOG_TIME_OPTIONS,
    PLACE_OPTIONS,
};

const struct command_spec command_tail = {
    .name = "tail",
    .summary = "Show requests as they are answered",
    .examples = {"tail --endpoint summarize", "tail --status 5xx --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "logs list, logs show",
    .run = follow,
};
