/* The request log, on the admin listener: pages of it, all of it as a file, and finding one row.
 * Each is a chain of bounded reads of the store; nothing waits and memory holds one read at a time.
 */
#include "admin/admin.h"
#include "admin/audit.h"
#include "base/id.h"
#include "gateway/durable.h"
#include "gateway/format.h"
#include "gateway/job.h"
#include "gateway/ledger_sync.h"
#include "gateway/log_find.h"
#include "gateway/log_rows.h"
#include "gateway/log_wanted.h"
#include "gateway/paths.h"
#include "gateway/stages.h"

enum {
    LIST_READS_MAX = 32,     /* for one page: then it comes back short, with where to go on */
    SHOW_READS_MAX = 100000, /* a log has an end before */
    EXPORT_ROWS = 500,       /* of one read */
    CLOCK_SLACK_MS = 60000   /* by which an id may be ahead of a clock that was set back */
};

struct log_reading {
    struct request *request;
    struct log_query query;
    enum format format;
    log_found *found;   /* what is done with the one row that is wanted; NULL: a list or a file */
    bool placed;        /* the row stands at `first` */
    int64_t earlier_ms; /* else it may be from then on, if the clock was set back; 0: not so */
    bool begun;         /* the head of a file has been sent */
    bool paused;        /* the client has enough for now */
    size_t wanted;      /* rows still to come */
    size_t reads;
    struct buffer out;
    struct log_place first, last;
    size_t count;
};

static void read_on(struct log_reading *reading);

/* --- answers
 * ------------------------------------------------------------------------------------------- */

static void end(struct log_reading *reading, bool broken)
{
    struct request *request = reading->request;

    request->aside = NULL;
    request->finished = true;
    request->waiting = false;
    request->client->ops->end(request->client, broken);
}

static void refuse(struct log_reading *reading)
{
    if (reading->begun) {
        end(reading, true);
        return;
    }
    reading->request->aside = NULL;
    request_refuse(reading->request);
}

static void reply(struct log_reading *reading)
{
    reading->request->aside = NULL;
    request_reply(reading->request, 200, TEXT("application/json"), buffer_text(&reading->out));
}

static void drained(struct request *request)
{
    struct log_reading *reading = request->aside;

    if (reading == NULL || !reading->paused)
        return;
    reading->paused = false;
    read_on(reading);
}

static void begin_file(struct log_reading *reading)
{
    struct request *request = reading->request;
    struct http_header *headers = ARENA_ARRAY(&request->arena, struct http_header, 3);
    struct http_reply head = {.status = 200, .headers = headers, .header_count = 3};

    headers[0] = (struct http_header){TEXT("content-type"), format_type(reading->format)};
    headers[1] = (struct http_header){TEXT("cache-control"), TEXT("no-store")};
    headers[2] = (struct http_header){TEXT("x-request-id"), request->id};
    reading->begun = true;
    request->drained = drained;
    request->client->ops->begin(request->client, &head);
}

/* One page of a file goes out; the next is read when the client has taken most of it. */
static void send_page(struct log_reading *reading, const struct log_page *page)
{
    struct request *request = reading->request;
    struct buffer out = {0};
    size_t waiting;

    if (!reading->begun) {
        begin_file(reading);
        log_rows_head(&out, reading->format);
    }
    for (size_t i = 0; i < page->count; i++)
        log_rows_put(&out, reading->format, &page->rows[i], &page->places[i]);
    waiting = out.len > 0 ? request->client->ops->write(request->client, buffer_text(&out)) : 0;
    buffer_release(&out);
    reading->wanted -= page->count;
    if (!page->more || reading->wanted == 0)
        end(reading, false);
    else if (waiting > HTTP_HIGH_WATER)
        reading->paused = true;
    else
        read_on(reading);
}

static void add_rows(struct log_reading *reading, const struct log_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        if (reading->count++ > 0)
            buffer_put_byte(&reading->out, ',');
        else
            reading->first = page->places[i];
        log_rows_put(&reading->out, FORMAT_JSON, &page->rows[i], &page->places[i]);
    }
    reading->wanted -= page->count;
    /* Where to go on: behind the last row; in a page that is short, behind what was looked at. */
    reading->last = page->last;
    if (page->count > 0 && (reading->wanted == 0 || !page->more))
        reading->last = page->places[page->count - 1];
}

static void finish_list(struct log_reading *reading, bool more)
{
    char place[LOG_PLACE_CHARS];
    bool any = reading->count > 0 || more;
    struct buffer *out = &reading->out;

    buffer_put(out, TEXT("],\"first_id\":"));
    log_place_write(reading->count > 0 ? &reading->first : &reading->last, place);
    buffer_printf(out, any ? "\"%.*s\"" : "null", LOG_PLACE_CHARS, place);
    buffer_put(out, TEXT(",\"last_id\":"));
    log_place_write(&reading->last, place);
    buffer_printf(out, any ? "\"%.*s\"" : "null", LOG_PLACE_CHARS, place);
    buffer_put(out, more ? TEXT(",\"has_more\":true}") : TEXT(",\"has_more\":false}"));
    reply(reading);
}

static void list_page(struct log_reading *reading, const struct log_page *page)
{
    if (reading->count == 0 && reading->reads == 1)
        buffer_put(&reading->out, TEXT("{\"object\":\"list\",\"data\":["));
    add_rows(reading, page);
    if (page->more && reading->wanted > 0 && reading->reads < LIST_READS_MAX)
        read_on(reading);
    else
        finish_list(reading, page->more);
}

/* It is not where its id says. */
static void read_earlier(struct log_reading *reading)
{
    reading->query.to_ms = reading->query.from_ms;
    reading->query.from_ms = reading->earlier_ms;
    reading->earlier_ms = 0;
    read_on(reading);
}

static void find_page(struct log_reading *reading, const struct log_page *page)
{
    struct request *request = reading->request;

    if (page->count > 0 &&
        (!reading->placed || log_place_same(&page->places[0], &reading->first))) {
        request->aside = NULL;
        reading->found(request, &page->rows[0], &page->places[0]);
    } else if (page->more && !reading->placed && reading->reads < SHOW_READS_MAX) {
        read_on(reading);
    } else if (reading->earlier_ms > 0) {
        read_earlier(reading);
    } else {
        error_set(&request->error, ERROR_LOG_NOT_FOUND, NULL,
                  "there is no such request in the log");
        error_hint(&request->error, "rows are kept for a limited time: 'log' in pinion.yaml");
        refuse(reading);
    }
}

/* --- reading
 * ------------------------------------------------------------------------------------------- */

static void have_page(struct request *request, struct store_command *command)
{
    struct log_reading *reading = request->aside;
    const struct log_page *page = &command->log_page;

    reading->reads++;
    reading->query.has_after = page->more;
    reading->query.after = page->last;
    request->error = command->error;
    if (command->error.code != ERROR_NONE)
        refuse(reading);
    else if (reading->found != NULL)
        find_page(reading, page);
    else if (reading->format == FORMAT_JSON)
        list_page(reading, page);
    else
        send_page(reading, page);
    store_command_free(command);
}

static void read_on(struct log_reading *reading)
{
    struct store_command *command = store_command_new(STORE_LOG_READ);
    struct log_query *query = &command->log_query;

    *query = log_query_copy(&command->arena, &reading->query);
    query->most = reading->wanted < EXPORT_ROWS ? reading->wanted : EXPORT_ROWS;
    durable_submit(reading->request, command, have_page);
}

static struct log_reading *reading_new(struct request *request)
{
    struct log_reading *reading = ARENA_NEW(&request->arena, struct log_reading);

    reading->request = request;
    reading->out = buffer_in(&request->arena);
    return reading;
}

static void begin_reading(struct request *request)
{
    read_on(request->aside);
}

static void start(struct log_reading *reading)
{
    reading->request->aside = reading;
    job_park(reading->request);
    ledger_sync(reading->request, begin_reading);
}

static void start_recorded(struct request *request, struct text none)
{
    (void)none;
    start(request->aside);
}

/* A file takes what is there out of the gateway, so it is recorded first. */
void admin_list_logs(struct request *request, struct text none)
{
    struct log_reading *reading = reading_new(request);
    struct log_wanted wanted;

    (void)none;
    if (!log_wanted_read(request, &wanted)) {
        request_refuse(request);
        return;
    }
    reading->query = wanted.query;
    reading->format = wanted.format;
    reading->wanted = wanted.rows;
    if (reading->format == FORMAT_JSON) {
        start(reading);
    } else {
        request->aside = reading;
        admin_record(request, AUDIT_LOG_EXPORT, TEXT("requests"), start_recorded);
    }
}

void log_find(struct request *request, struct text id, log_found *found)
{
    struct log_reading *reading = reading_new(request);
    struct log_query *query = &reading->query;
    int64_t began_ms;

    reading->found = found;
    reading->wanted = 1;
    reading->placed = log_place_read(id, &reading->first);
    if (reading->placed) {
        query->has_after = true; /* newest first, from right behind it */
        query->after = reading->first;
        query->after.row++;
    } else {
        query->words[LOG_REQUEST] = id;
        query->oldest_first = id_time(id, TEXT("req_"), &began_ms);
        query->from_ms = query->oldest_first ? began_ms : 0;
        reading->earlier_ms = query->from_ms > CLOCK_SLACK_MS ? began_ms - CLOCK_SLACK_MS : 0;
    }
    start(reading);
}
