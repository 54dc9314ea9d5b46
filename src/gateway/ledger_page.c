#include "gateway/ledger_page.h"

#include "base/check.h"

#include <stdlib.h>

enum { INDEX_ROOM = 16, ROWS_ROOM = 80 << 10 };

/* The first place that is free, or whose entry `same` says is the one. */
static uint32_t *find(const struct ledger_index *index, const uint64_t *hashes, uint64_t hash,
                      bool (*same)(const void *page, size_t i, const void *thing), const void *page,
                      const void *thing)
{
    for (size_t at = hash & (index->room - 1);; at = (at + 1) & (index->room - 1)) {
        uint32_t place = index->places[at];

        if (place == 0 || (hashes[place - 1] == hash && same(page, place - 1, thing)))
            return &index->places[at];
    }
}

/* Room for one more of `count` entries, at most half full. */
static void make_room(struct ledger_index *index, const uint64_t *hashes, size_t count)
{
    if (2 * (count + 1) <= index->room)
        return;
    index->room = index->room > 0 ? index->room * 2 : INDEX_ROOM;
    free(index->places);
    index->places = calloc(index->room, sizeof *index->places);
    CHECK(index->places != NULL);
    for (size_t i = 0; i < count; i++) {
        size_t at = hashes[i] & (index->room - 1);

        while (index->places[at] != 0)
            at = (at + 1) & (index->room - 1);
        index->places[at] = (uint32_t)i + 1;
    }
}

/* Two arrays of the page, an entry and its hash each, grown together. */
static void grow(struct ledger_page *page, void **entries, size_t entry_bytes, uint64_t **hashes,
                 size_t count, size_t *room)
{
    struct arena *arena = &page->command->arena;
    size_t more = *room > 0 ? *room * 2 : INDEX_ROOM / 2;

    if (count < *room)
        return;
    *entries = arena_grow(arena, *entries, *room * entry_bytes, more * entry_bytes);
    *hashes = arena_grow(arena, *hashes, *room * sizeof **hashes, more * sizeof **hashes);
    *room = more;
}

struct ledger_page *ledger_page_new(void)
{
    struct ledger_page *page = calloc(1, sizeof *page);

    CHECK(page != NULL);
    page->command = store_command_new(STORE_LEDGER_APPEND);
    page->rows = buffer_in(&page->command->arena);
    return page;
}

static void free_page(struct ledger_page *page)
{
    free(page->by_budget.places);
    free(page->by_names.places);
    free(page->by_cell.places);
    free(page);
}

struct store_command *ledger_page_close(struct ledger_page *page, uint64_t log_bytes_max)
{
    struct store_command *command = page->command;
    struct ledger_entries *entries = ARENA_NEW(&command->arena, struct ledger_entries);

    *entries = (struct ledger_entries){.settlements = page->settlements,
                                       .settlement_count = page->settlement_count,
                                       .usage = page->usage,
                                       .usage_count = page->usage_count,
                                       .rollups = page->rollups,
                                       .rollup_count = page->rollup_count,
                                       .rows = buffer_text(&page->rows),
                                       .row_count = page->row_count,
                                       .newest_ms = page->newest_ms,
                                       .contents = page->contents,
                                       .content_count = page->content_count,
                                       .content_bytes = page->content_bytes,
                                       .log_bytes_max = log_bytes_max};
    command->ledger = entries;
    free_page(page);
    return command;
}

void ledger_page_free(struct ledger_page *page)
{
    if (page == NULL)
        return;
    store_command_free(page->command);
    free_page(page);
}

static bool same_budget(const void *page, size_t i, const void *thing)
{
    return text_equal(((const struct ledger_page *)page)->settlements[i].key,
                      *(const struct text *)thing);
}

void ledger_page_settle(struct ledger_page *page, struct text budget, int64_t nano)
{
    uint64_t hash = text_hash(budget);
    uint32_t *place;

    make_room(&page->by_budget, page->settlement_hashes, page->settlement_count);
    place = find(&page->by_budget, page->settlement_hashes, hash, same_budget, page, &budget);
    if (*place == 0) {
        grow(page, (void **)&page->settlements, sizeof *page->settlements, &page->settlement_hashes,
             page->settlement_count, &page->settlement_room);
        page->settlements[page->settlement_count] =
            (struct budget_settlement){.key = arena_copy(&page->command->arena, budget)};
        page->settlement_hashes[page->settlement_count] = hash;
        *place = (uint32_t)++page->settlement_count;
    }
    page->settlements[*place - 1].nano = usage_plus(page->settlements[*place - 1].nano, nano);
}

static bool same_names(const void *page, size_t i, const void *thing)
{
    return usage_same(&((const struct ledger_page *)page)->usage[i], thing);
}

static void add_usage_names(struct ledger_page *page, const struct usage_record *usage,
                            uint64_t hash)
{
    struct usage_record *record;

    grow(page, (void **)&page->usage, sizeof *page->usage, &page->usage_hashes, page->usage_count,
         &page->usage_room);
    record = &page->usage[page->usage_count];
    *record = (struct usage_record){0};
    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        record->names[i] = arena_copy(&page->command->arena, usage->names[i]);
    page->usage_hashes[page->usage_count++] = hash;
}

void ledger_page_use(struct ledger_page *page, const struct usage_record *usage)
{
    uint64_t hash = 0;
    uint32_t *place;

    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        hash = (hash << 7 | hash >> 57) ^ text_hash(usage->names[i]);
    make_room(&page->by_names, page->usage_hashes, page->usage_count);
    place = find(&page->by_names, page->usage_hashes, hash, same_names, page, usage);
    if (*place == 0) {
        add_usage_names(page, usage, hash);
        *place = (uint32_t)page->usage_count;
    }
    usage_add(&page->usage[*place - 1], usage);
}

/* --- roll-ups
 * -----------------------------------------------------------------------------------------------
 */

static bool same_cell(const void *page, size_t i, const void *thing)
{
    const struct rollup_cell *one = &((const struct ledger_page *)page)->rollups[i];
    const struct rollup_event *other = thing;

    if (one->minute != other->minute || one->attempt != other->attempt)
        return false;
    for (size_t n = 0; n < ROLLUP_NAME_COUNT; n++)
        if (!text_equal(one->names[n], other->names[n]))
            return false;
    return true;
}

static void add_cell(struct ledger_page *page, const struct rollup_event *event, uint64_t hash)
{
    struct rollup_cell *cell;

    grow(page, (void **)&page->rollups, sizeof *page->rollups, &page->rollup_hashes,
         page->rollup_count, &page->rollup_room);
    cell = &page->rollups[page->rollup_count];
    *cell =
        (struct rollup_cell){.minute = event->minute, .day = event->day, .attempt = event->attempt};
    for (size_t i = 0; i < ROLLUP_NAME_COUNT; i++)
        if (event->names[i].len > 0)
            cell->names[i] = arena_copy(&page->command->arena, event->names[i]);
    page->rollup_hashes[page->rollup_count++] = hash;
}

/* The cell of what has the event's names; NULL where there are too many. */
static struct rollup_cell *cell_of(struct ledger_page *page, const struct rollup_event *event)
{
    uint64_t hash = (uint64_t)event->minute << 1 | event->attempt;
    uint32_t *place;

    for (size_t i = 0; i < ROLLUP_NAME_COUNT; i++)
        if (event->names[i].len > 0)
            hash = (hash << 7 | hash >> 57) ^ (text_hash(event->names[i]) + i);
    make_room(&page->by_cell, page->rollup_hashes, page->rollup_count);
    place = find(&page->by_cell, page->rollup_hashes, hash, same_cell, page, event);
    if (*place == 0) {
        bool many = event->names[ROLLUP_TOKEN].len > 0 || event->names[ROLLUP_TAGS].len > 0;

        if (page->rollup_count >= (many ? 1 : 2) * (size_t)LEDGER_CELLS_MAX)
            return NULL;
        add_cell(page, event, hash);
        *place = (uint32_t)page->rollup_count;
    }
    return &page->rollups[*place - 1];
}

static struct rollup_cell *cell_or_other(struct ledger_page *page, const struct rollup_event *event)
{
    struct rollup_cell *cell = cell_of(page, event);
    struct rollup_event fewer;

    if (cell != NULL)
        return cell;
    fewer = *event;
    fewer.names[ROLLUP_TOKEN] = fewer.names[ROLLUP_TAGS] = (struct text){0};
    return cell_of(page, &fewer);
}

void ledger_page_roll(struct ledger_page *page, const struct rollup_event *event)
{
    struct rollup_cell *cell = cell_or_other(page, event);

    if (cell == NULL)
        return;
    for (size_t i = 0; i < ROLLUP_SUM_COUNT; i++)
        cell->sums.sums[i] = usage_plus(cell->sums.sums[i], event->sums[i]);
    if (event->timed)
        cell->sums.took[rollup_range(event->took_us)]++;
}

static void take_back_cell(struct ledger_page *page, const struct rollup_cell *back)
{
    struct rollup_event event = {
        .minute = back->minute, .day = back->day, .attempt = back->attempt};
    struct rollup_cell *cell;

    memcpy(event.names, back->names, sizeof event.names);
    cell = cell_or_other(page, &event);
    if (cell != NULL)
        rollup_add(&cell->sums, &back->sums);
}

size_t ledger_page_row_begin(struct ledger_page *page)
{
    if (page->rows.room == 0)
        buffer_reserve(&page->rows, ROWS_ROOM);
    return log_row_begin(&page->rows);
}

void ledger_page_row_end(struct ledger_page *page, size_t at, int64_t wall_ms, uint64_t duration_us,
                         int status)
{
    log_row_end(&page->rows, at, wall_ms, duration_us, status);
    page->row_count++;
    if (wall_ms > page->newest_ms)
        page->newest_ms = wall_ms;
}

void ledger_page_content(struct ledger_page *page, const struct log_content *content)
{
    struct arena *arena = &page->command->arena;
    size_t room = page->content_room > 0 ? page->content_room * 2 : 4;

    if (page->content_count == page->content_room) {
        page->contents =
            arena_grow(arena, page->contents, page->content_room * sizeof *page->contents,
                       room * sizeof *page->contents);
        page->content_room = room;
    }
    page->contents[page->content_count++] =
        (struct log_content){.expires_ms = content->expires_ms,
                             .request_id = arena_copy(arena, content->request_id),
                             .token_id = arena_copy(arena, content->token_id),
                             .json = arena_copy(arena, content->json)};
    page->content_bytes += content->json.len;
}

size_t ledger_page_drop_rows(struct ledger_page *page)
{
    size_t dropped = page->row_count;

    page->rows.len = 0;
    page->row_count = 0;
    page->content_count = 0;
    page->content_bytes = 0;
    return dropped;
}

void ledger_page_take_back(struct ledger_page *page, const struct ledger_entries *entries)
{
    for (size_t i = 0; i < entries->settlement_count; i++)
        ledger_page_settle(page, entries->settlements[i].key, entries->settlements[i].nano);
    for (size_t i = 0; i < entries->usage_count; i++)
        ledger_page_use(page, &entries->usage[i]);
    for (size_t i = 0; i < entries->rollup_count; i++)
        take_back_cell(page, &entries->rollups[i]);
}
