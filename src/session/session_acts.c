/* Every act reads what it needs in one command and changes it in another; in between, the session's
 * revision keeps a turn that comes in from being lost. */
#include "session/session_acts.h"

#include "base/id.h"
#include "document/json_write.h"
#include "session/session.h"
#include "session/session_text.h"

/* The session, whole, in a command to be freed; NULL with *err. */
static struct store_command *read_whole(struct store *store, struct text id, struct error *err)
{
    struct store_command *read = store_command_new(STORE_SESSION_READ);

    read->session.id = arena_copy(&read->arena, id);
    store_wait(store, read);
    if (read->error.code == ERROR_NONE)
        return read;
    *err = read->error;
    if (err->code == ERROR_SESSION_NOT_FOUND)
        error_hint(err, "'pinion sessions list' shows those there are");
    store_command_free(read);
    return NULL;
}

/* What the audit log is told besides the session, where it is told at all. */
static void note(struct store_command *write, const char *name, struct text json)
{
    if (write->audit != NULL)
        write->audit->details = arena_printf(&write->arena, "{\"%s\":%.*s}", name, TEXT_ARG(json));
}

/* Sends what was prepared and frees it. */
static bool write_it(struct store *store, struct store_command *write, struct error *err)
{
    store_wait(store, write);
    *err = write->error;
    store_command_free(write);
    return err->code == ERROR_NONE;
}

/* --- reading
 * ----------------------------------------------------------------------------------------- */

bool session_show(struct store *store, struct text id, struct buffer *out, struct error *err)
{
    struct store_command *read = read_whole(store, id, err);

    if (read == NULL)
        return false;
    session_put(out, &read->session);
    store_command_free(read);
    return true;
}

bool session_export(struct store *store, struct text id, struct buffer *out, struct error *err)
{
    struct store_command *read = read_whole(store, id, err);

    if (read == NULL)
        return false;
    session_put_lines(out, &read->session);
    store_command_free(read);
    return true;
}

/* The next of those that are asked for, at most `most`; to be freed. A store looks at so many
 * sessions at a time, and may find none among them. */
static struct store_command *look_on(struct store *store, const struct session_query *query,
                                     struct text after, size_t most)
{
    struct store_command *look = store_command_new(STORE_SESSION_LIST);

    look->session.endpoint = arena_copy(&look->arena, query->endpoint);
    look->session.token_id = arena_copy(&look->arena, query->token_id);
    look->after = arena_copy(&look->arena, after);
    look->most = most;
    store_wait(store, look);
    return look;
}

struct page {
    size_t count;
    struct text first_id, last_id; /* in the arena */
    struct arena arena;
    bool more;
};

static void take_found(struct page *page, const struct store_command *look, size_t limit,
                       struct buffer *data)
{
    for (size_t i = 0; i < look->session_count; i++) {
        struct text id = look->sessions[i].id;

        if (page->count == limit) {
            page->more = true;
            return;
        }
        if (page->count++ > 0)
            buffer_put_byte(data, ',');
        session_put(data, &look->sessions[i]);
        page->last_id = arena_copy(&page->arena, id);
        if (page->count == 1)
            page->first_id = page->last_id;
    }
}

static void put_page(struct buffer *out, const struct page *page, const struct buffer *data)
{
    buffer_put(out, TEXT("{\"object\":\"list\",\"data\":["));
    buffer_put(out, buffer_text(data));
    buffer_put_byte(out, ']');
    json_put_text_or_null(out, "first_id", page->first_id);
    json_put_text_or_null(out, "last_id", page->last_id);
    buffer_put(out, page->more ? TEXT(",\"has_more\":true}") : TEXT(",\"has_more\":false}"));
}

/* One more than the page holds is looked for, to know whether there is one. */
bool sessions_list(struct store *store, const struct session_query *query, struct buffer *out,
                   struct error *err)
{
    struct page page = {0};
    struct buffer data = buffer_in(&page.arena);
    struct text after = query->after;
    bool goes_on = true;

    while (goes_on && !page.more) {
        struct store_command *look = look_on(store, query, after, query->limit - page.count + 1);

        *err = look->error;
        goes_on = err->code == ERROR_NONE && look->more;
        take_found(&page, look, query->limit, &data);
        after = arena_copy(&page.arena, look->last);
        store_command_free(look);
    }
    if (err->code == ERROR_NONE)
        put_page(out, &page, &data);
    arena_release(&page.arena);
    return err->code == ERROR_NONE;
}

/* --- changing
 * ----------------------------------------------------------------------------------------- */

bool session_rewind(struct store *store, struct text id, uint64_t messages,
                    struct store_command *write, struct buffer *out, struct error *err)
{
    struct store_command *read = read_whole(store, id, err);

    if (read == NULL || !session_cut(&read->session, messages, err)) {
        store_command_free(write);
        store_command_free(read);
        return false;
    }
    write->session.id = arena_copy(&write->arena, id);
    write->session.revision = read->session.revision;
    write->keep_messages = (size_t)messages;
    note(write, "messages", arena_printf(&write->arena, "%llu", (unsigned long long)messages));
    store_command_free(read);
    return write_it(store, write, err) && session_show(store, id, out, err);
}

/* What the fork is stored as. It borrows the messages: both commands are waited for. */
static void prepare_fork(const struct session_record *of, size_t messages, int64_t now_ms,
                         struct store_command *write)
{
    int64_t lived_ms = of->updated_ms > 0 ? of->expires_ms - of->updated_ms : 0;

    write->session = *of;
    write->session.id = id_new(&write->arena, "ses_", now_ms);
    write->session.created_ms = now_ms;
    write->session.updated_ms = now_ms;
    if (lived_ms > 0)
        write->session.expires_ms = lived_ms < INT64_MAX - now_ms ? now_ms + lived_ms : INT64_MAX;
    write->session.revision = 0;
    write->session.message_count = messages;
}

bool session_fork(struct store *store, struct text id, uint64_t messages, int64_t now_ms,
                  struct store_command *write, struct buffer *out, struct error *err)
{
    struct store_command *read = read_whole(store, id, err);
    struct arena arena = {0};
    struct text fork;
    bool good = false;

    if (read != NULL && messages == UINT64_MAX)
        messages = read->session.message_count;
    if (read == NULL || !session_cut(&read->session, messages, err)) {
        store_command_free(write);
    } else {
        prepare_fork(&read->session, (size_t)messages, now_ms, write);
        fork = arena_copy(&arena, write->session.id);
        note(write, "fork", arena_printf(&write->arena, "\"%.*s\"", TEXT_ARG(fork)));
        good = write_it(store, write, err) && session_show(store, fork, out, err);
    }
    store_command_free(read);
    arena_release(&arena);
    return good;
}

bool session_delete(struct store *store, struct text id, struct store_command *write,
                    struct buffer *out, struct error *err)
{
    write->session.id = arena_copy(&write->arena, id);
    if (!write_it(store, write, err)) {
        if (err->code == ERROR_SESSION_NOT_FOUND)
            error_hint(err, "'pinion sessions list' shows those there are");
        return false;
    }
    session_put_deleted(out, id);
    return true;
}

/* Deletes what was found, as far as one batch goes at a time. A turn that is stored meanwhile is
 * deleted with its session. */
static bool erase_found(struct store *store, const struct store_command *look, uint64_t *deleted,
                        struct error *err)
{
    size_t done = 0;

    while (done < look->session_count) {
        struct store_command *erase = store_command_new(STORE_SESSION_ERASE);
        size_t before = done;

        erase->sessions = look->sessions + done; /* borrowed: it is waited for */
        erase->session_count = look->session_count - done;
        store_wait(store, erase);
        *err = erase->error;
        done += (size_t)erase->purged;
        store_command_free(erase);
        if (err->code != ERROR_NONE || done == before)
            break;
    }
    *deleted += done;
    return err->code == ERROR_NONE;
}

/* What a client may go on from by an id is a conversation as well. */
static bool erase_responses(struct store *store, const struct session_query *query,
                            uint64_t *deleted, struct error *err)
{
    struct arena arena = {0};
    struct text after = {0};
    bool goes_on = true;

    while (goes_on) {
        struct store_command *erase = store_command_new(STORE_RESPONSE_ERASE);

        erase->response.token_id = query->token_id; /* borrowed: it is waited for */
        erase->response.endpoint = query->endpoint;
        erase->after = after;
        store_wait(store, erase);
        *err = erase->error;
        *deleted += erase->purged;
        goes_on = err->code == ERROR_NONE && erase->more;
        after = arena_copy(&arena, erase->last);
        store_command_free(erase);
    }
    arena_release(&arena);
    return err->code == ERROR_NONE;
}

bool sessions_erase(struct store *store, const struct session_query *query, struct buffer *out,
                    struct error *err)
{
    struct arena arena = {0};
    struct text after = {0};
    uint64_t deleted = 0, responses = 0;
    bool goes_on = true;

    if (query->endpoint.len == 0 && query->token_id.len == 0) {
        error_set(err, ERROR_INVALID_REQUEST, "token", "whose sessions are to be deleted?");
        error_hint(err, "name a token, an endpoint, or both");
        return false;
    }
    while (goes_on) {
        struct store_command *look = look_on(store, query, after, SESSION_PAGE_MAX);

        *err = look->error;
        goes_on = err->code == ERROR_NONE && erase_found(store, look, &deleted, err) && look->more;
        after = arena_copy(&arena, look->last);
        store_command_free(look);
    }
    arena_release(&arena);
    if (err->code != ERROR_NONE || !erase_responses(store, query, &responses, err))
        return false;
    buffer_put(out, TEXT("{\"object\":\"sessions\",\"deleted\":"));
    buffer_put_u64(out, deleted);
    buffer_put(out, TEXT(",\"responses\":"));
    buffer_put_u64(out, responses);
    buffer_put_byte(out, '}');
    return true;
}
