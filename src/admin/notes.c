/* Notes on endpoints that were not as usual, from the newest on. */
#include "admin/admin.h"

#include "admin/list.h"
#include "anomaly/note_text.h"
#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "gateway/query.h"
#include "store/record.h"

/* Where one stands: when it was made, and its id. */
static struct text place_of(struct arena *arena, const struct note_record *note)
{
    return arena_printf(arena, "%lld:%.*s", (long long)note->noted_ms, TEXT_ARG(note->id));
}

static bool read_place(struct text place, struct note_record *out)
{
    struct text rest = place, noted = text_split(&rest, ':');
    uint64_t noted_ms;

    if (!text_to_u64(noted, &noted_ms) || noted_ms > INT64_MAX || rest.len != NOTE_ID_BYTES)
        return false;
    *out = (struct note_record){.noted_ms = (int64_t)noted_ms, .id = rest};
    return true;
}

static void give(struct request *request, struct store_command *command)
{
    struct admin_list list;

    request->error = command->error;
    admin_list_begin(&list, &request->arena);
    for (size_t i = 0; i < command->note_count; i++)
        note_put(admin_list_add(&list, place_of(&request->arena, &command->notes[i])),
                 &command->notes[i]);
    admin_list_end(&list, command->more);
    store_command_free(command);
    if (request->error.code != ERROR_NONE)
        request_refuse(request);
    else
        request_reply(request, 200, TEXT("application/json"), buffer_text(&list.out));
}

void admin_list_notes(struct request *request, struct text none)
{
    struct text after = {0};
    uint64_t limit = ADMIN_PAGE;
    const struct query_param params[] = {
        {.name = "after", .text = &after},
        {.name = "limit", .number = &limit, .least = 1, .greatest = ADMIN_PAGE_MAX},
    };
    unsigned char bytes[RECORD_NOTE_KEY_BYTES];
    struct store_command *command;
    struct note_record place;

    (void)none;
    if (!query_read(request, params, sizeof params / sizeof *params) ||
        (after.len > 0 && !read_place(after, &place) &&
         !error_set(&request->error, ERROR_INVALID_REQUEST, "after",
                    "'after' must be the last_id of a page"))) {
        request_refuse(request);
        return;
    }
    command = store_command_new(STORE_NOTE_LIST);
    command->most = (size_t)limit;
    if (after.len > 0)
        command->after = arena_copy(&command->arena, record_note_key(&place, bytes));
    job_park(request);
    durable_submit(request, command, give);
}
