#include "gateway/ledger.h"

#include "base/check.h"
#include "base/log.h"
#include "gateway/worker.h"

#include <stdio.h>

static void written(struct store_command *command);

static void count_dropped(struct ledger *ledger, size_t rows)
{
    if (rows > 0)
        atomic_fetch_add_explicit(&ledger->worker->gateway->log_dropped, rows,
                                  memory_order_relaxed);
}

static struct ledger_page *page_of(struct ledger *ledger)
{
    if (ledger->page == NULL) {
        ledger->page = ledger_page_new();
        ledger->due_ms = loop_now_ms(ledger->worker->loop) + LEDGER_PATIENCE_MS;
    }
    return ledger->page;
}

static size_t held_bytes(const struct ledger_page *page)
{
    return page->rows.len + page->content_bytes;
}

/* Whether the store was full a moment ago. */
static bool is_lean(struct ledger *ledger)
{
    if (ledger->lean_until_ms == 0)
        return false;
    if (loop_now_ms(ledger->worker->loop) < ledger->lean_until_ms)
        return true;
    ledger->lean_until_ms = 0;
    return false;
}

static void hand_over(struct ledger *ledger)
{
    struct worker *worker = ledger->worker;
    struct store_command *command;

    if (is_lean(ledger))
        count_dropped(ledger, ledger_page_drop_rows(ledger->page));
    command = ledger_page_close(ledger->page, worker->lease->config->settings.log_bytes_max);
    ledger->page = NULL;
    ledger->flying = true;
    loop_stop_timer(worker->loop, &ledger->timer);
    command->loop = worker->loop;
    command->done = written;
    command->context = ledger;
    worker->commands++;
    store_submit(worker->gateway->store, command);
}

/* Hands the page over, or sees to it that this is looked at again when it is time. */
static void look(struct ledger *ledger)
{
    struct loop *loop = ledger->worker->loop;
    uint64_t now_ms, due_ms = ledger->due_ms;
    bool full;

    if (ledger->page == NULL || ledger->flying)
        return;
    full = held_bytes(ledger->page) >= LEDGER_ROW_BYTES;
    if (ledger->timer.place > 0 && !full)
        return;
    now_ms = loop_now_ms(loop);
    if (full)
        due_ms = now_ms;
    if (due_ms < ledger->hold_until_ms)
        due_ms = ledger->hold_until_ms;
    if (due_ms <= now_ms || ledger->closing)
        hand_over(ledger);
    else
        loop_start_timer(loop, &ledger->timer, due_ms);
}

static void on_timer(struct loop_timer *timer)
{
    look((struct ledger *)((char *)timer - offsetof(struct ledger, timer)));
}

/* Sums go back into the page. A full store is offered them at once again, without rows; whatever
 * else fails may pass. */
static void keep(struct ledger *ledger, const struct store_command *command)
{
    const struct ledger_entries *entries = command->ledger;
    uint64_t now_ms = loop_now_ms(ledger->worker->loop);
    bool again = command->error.code == ERROR_STORAGE_FULL && entries->row_count > 0;

    count_dropped(ledger, entries->row_count);
    if (command->error.code == ERROR_STORAGE_FULL)
        ledger->lean_until_ms = now_ms + LEDGER_LEAN_MS;
    if (entries->settlement_count + entries->usage_count + entries->rollup_count > 0)
        ledger_page_take_back(page_of(ledger), entries);
    ledger->hold_until_ms = again ? 0 : now_ms + LEDGER_RETRY_MS;
    ledger->due_ms = now_ms;
}

/* The worker ends, and the store has refused even the sums alone. */
static void give_up(struct ledger *ledger, const struct store_command *command)
{
    char sums[32];

    snprintf(sums, sizeof sums, "%zu",
             command->ledger->settlement_count + command->ledger->usage_count);
    log_event(ledger->worker->gateway->log, LOG_ERROR, "ledger",
              "what the last requests used could not be stored and is lost", "sums", sums, "error",
              command->error.message, NULL);
}

/* Those whose answer has come. */
static void wake(struct ledger *ledger)
{
    struct ledger_waiter **link = &ledger->waiters, *waiter;

    while ((waiter = *link) != NULL) {
        if (waiter->answers > ledger->answers) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        waiter->done(waiter);
    }
}

void ledger_wait(struct ledger *ledger, struct ledger_waiter *waiter)
{
    waiter->answers = ledger->answers + ledger->flying + (ledger->page != NULL);
    waiter->next = ledger->waiters;
    ledger->waiters = waiter;
    if (ledger->page != NULL) {
        ledger->due_ms = 0;
        loop_stop_timer(ledger->worker->loop, &ledger->timer);
        look(ledger);
    }
    wake(ledger);
}

static void written(struct store_command *command)
{
    struct ledger *ledger = command->context;

    ledger->worker->commands--;
    ledger->flying = false;
    ledger->answers++;
    if (command->error.code != ERROR_NONE && ledger->closing && ledger->last_tries-- == 0)
        give_up(ledger, command);
    else if (command->error.code != ERROR_NONE)
        keep(ledger, command);
    store_command_free(command);
    log_tails_tell(ledger->worker->gateway);
    look(ledger);
    wake(ledger);
}

void ledger_open(struct ledger *ledger, struct worker *worker)
{
    *ledger = (struct ledger){
        .worker = worker, .timer = {.fire = on_timer}, .last_tries = LEDGER_LAST_TRIES};
}

void ledger_close(struct ledger *ledger)
{
    ledger->closing = true;
    loop_stop_timer(ledger->worker->loop, &ledger->timer);
    look(ledger);
}

/* A page that is due goes before, not between this and what the same request used: they are to be
 * in one transaction. */
void ledger_settle(struct worker *worker, struct text budget, int64_t nano)
{
    look(&worker->ledger);
    ledger_page_settle(page_of(&worker->ledger), budget, nano);
    look(&worker->ledger);
}

struct text ledger_day(struct worker *worker, const struct zone *zone, int64_t wall_ms)
{
    struct ledger *ledger = &worker->ledger;

    if (ledger->zone != zone || wall_ms < ledger->day_from_ms || wall_ms >= ledger->day.until_ms) {
        period_at(zone, PERIOD_DAY, wall_ms, &ledger->day);
        ledger->zone = zone;
        ledger->day_from_ms = wall_ms;
    }
    return text_of(ledger->day.name);
}

void ledger_use(struct worker *worker, const struct usage_record *usage)
{
    ledger_page_use(page_of(&worker->ledger), usage);
    look(&worker->ledger);
}

void ledger_roll(struct worker *worker, const struct zone *zone, int64_t wall_ms,
                 struct rollup_event *event)
{
    ledger_day(worker, zone, wall_ms);
    event->minute = wall_ms / 60000;
    event->day = worker->ledger.day.from_ms / 60000;
    ledger_page_roll(page_of(&worker->ledger), event);
    look(&worker->ledger);
}

struct buffer *ledger_row_begin(struct worker *worker, size_t *out_at)
{
    struct ledger *ledger = &worker->ledger;
    struct ledger_page *page = ledger->page;

    if ((page != NULL && held_bytes(page) >= LEDGER_ROW_BYTES_MAX) || is_lean(ledger)) {
        count_dropped(ledger, 1);
        return NULL;
    }
    page = page_of(ledger);
    *out_at = ledger_page_row_begin(page);
    return &page->rows;
}

void ledger_content(struct worker *worker, const struct log_content *content)
{
    ledger_page_content(worker->ledger.page, content);
}

void ledger_row_end(struct worker *worker, size_t at, int64_t wall_ms, uint64_t duration_us,
                    int status)
{
    ledger_page_row_end(worker->ledger.page, at, wall_ms, duration_us, status);
    look(&worker->ledger);
}
