#include "transport/fetch.h"

#include "base/buffer.h"
#include "base/check.h"
#include "provider/http_field.h"
#include "provider/retry_after.h"
#include "transport/http_address.h"

#include <ctype.h>
#include <curl/curl.h>
#include <sys/socket.h>

enum { BODY_BYTES_MAX = 512 * 1024 * 1024, FIELDS_BYTES_MAX = 256 * 1024 };
enum { CONNECT_MS = 10000 };

/* One under way. */
struct fetching {
    const struct fetch *fetch;
    CURL *easy;
    struct buffer body, fields;
    struct fetch_reply *reply;
    enum address_kind refused; /* an address was, of that kind; else public */
    bool full;                 /* the reply is longer than is wanted of it */
};

static bool is_stream(const struct fetching *it)
{
    char *type = NULL;
    long status = 0;

    curl_easy_getinfo(it->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(it->easy, CURLINFO_CONTENT_TYPE, &type);
    return it->fetch->piece != NULL && status == 200 && type != NULL &&
           text_starts(text_of(type), TEXT("text/event-stream"));
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct fetching *it = context;
    struct text piece = {bytes, size * count};
    size_t most = it->fetch->body_most > 0 ? it->fetch->body_most : BODY_BYTES_MAX;

    it->reply->streamed = is_stream(it);
    if (it->reply->streamed)
        return it->fetch->piece(it->fetch->context, piece) ? piece.len : 0;
    if (piece.len > most - it->body.len) {
        it->full = it->fetch->body_most > 0;
        buffer_put(&it->body, text_first(piece, most - it->body.len));
        return 0;
    }
    buffer_put(&it->body, piece);
    return piece.len;
}

static size_t take_field(char *bytes, size_t size, size_t count, void *context)
{
    struct fetching *it = context;
    struct text line = text_trim((struct text){bytes, size * count}), name, value;

    if (!field_split(line, &name, &value) || it->fields.len + line.len > FIELDS_BYTES_MAX)
        return size * count; /* the status line, or a blank one */
    for (size_t i = 0; i < name.len; i++)
        buffer_put_byte(&it->fields, (char)tolower((unsigned char)name.at[i]));
    buffer_put_byte(&it->fields, ':');
    buffer_put(&it->fields, value);
    buffer_put_byte(&it->fields, '\n');
    return size * count;
}

static int ask_to_stop(void *context, curl_off_t in_total, curl_off_t in, curl_off_t out_total,
                       curl_off_t out)
{
    const struct fetching *it = context;

    (void)in_total, (void)in, (void)out_total, (void)out;
    return it->fetch->stop(it->fetch->context);
}

/* CURLOPT_OPENSOCKETFUNCTION: the last moment to refuse an address. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct fetching *it = context;
    enum address_kind kind = address_kind(&address->addr);

    (void)purpose;
    if (kind == ADDRESS_NEVER || (kind == ADDRESS_PRIVATE && !it->fetch->allow_private)) {
        it->refused = kind;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static struct curl_slist *headers_of(const struct fetch *fetch, struct arena *arena)
{
    struct curl_slist *headers = NULL;

    if (fetch->body.len > 0)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    if (fetch->bearer != NULL)
        headers = curl_slist_append(
            headers, arena_printf(arena, "Authorization: Bearer %s", fetch->bearer).at);
    for (size_t i = 0; i < fetch->field_count; i++)
        headers = curl_slist_append(headers, fetch->fields[i]);
    return headers;
}

static void set_options(struct fetching *it, struct curl_slist *headers)
{
    const struct fetch *fetch = it->fetch;
    CURL *easy = it->easy;

    curl_easy_setopt(easy, CURLOPT_URL, fetch->url);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, fetch->method);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, fetch->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     fetch->timeout_ms > 0 && fetch->timeout_ms < CONNECT_MS ? fetch->timeout_ms
                                                                             : (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, fetch->silence_s > 0 ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, fetch->silence_s);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, it);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_field);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, it);
    if (fetch->stop != NULL) {
        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, ask_to_stop);
        curl_easy_setopt(easy, CURLOPT_XFERINFODATA, it);
        /* A thread that resolves a name is left behind: that may take much longer. */
        curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    }
    if (fetch->judged) {
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, it);
        curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    }
    if (fetch->ca_file != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, fetch->ca_file);
    if (fetch->socket_path != NULL)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, fetch->socket_path);
    if (fetch->body.len > 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, fetch->body.at);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)fetch->body.len);
    }
}

static bool failed(const struct fetching *it, CURLcode result, struct error *err)
{
    const struct fetch *fetch = it->fetch;
    const char *where = fetch->socket_path != NULL ? fetch->socket_path : fetch->url;

    it->reply->why = it->refused == ADDRESS_NEVER
                         ? "its name leads to a metadata service, which is never called"
                     : it->refused == ADDRESS_PRIVATE
                         ? "its name leads to a private or loopback address, which is not allowed"
                         : curl_easy_strerror(result);
    return error_set(err,
                     result == CURLE_OPERATION_TIMEDOUT ? ERROR_UPSTREAM_TIMEOUT
                                                        : ERROR_UPSTREAM_UNREACHABLE,
                     NULL, "no answer from %s: %s", where, it->reply->why);
}

bool fetch_reply(const struct fetch *fetch, struct arena *arena, struct fetch_reply *out,
                 struct error *err)
{
    struct fetching it = {.fetch = fetch,
                          .easy = curl_easy_init(),
                          .body = buffer_in(arena),
                          .fields = buffer_in(arena),
                          .reply = out};
    struct curl_slist *headers = headers_of(fetch, arena);
    CURLcode result;
    long status = 0;

    CHECK(it.easy != NULL);
    *out = (struct fetch_reply){0};
    set_options(&it, headers);
    result = curl_easy_perform(it.easy);
    curl_easy_getinfo(it.easy, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(it.easy);
    if (result != CURLE_OK && !out->streamed && !it.full)
        return failed(&it, result, err);
    out->status = (int)status;
    out->cut = result != CURLE_OK;
    out->body = buffer_text(&it.body);
    out->fields = buffer_text(&it.fields);
    return true;
}

uint64_t fetch_asked_ms(const struct fetch_reply *reply, int64_t wall_ms)
{
    struct retry_after after = {0};
    struct text fields = reply->fields, name, value;

    while (http_head_next(&fields, &name, &value))
        if (text_equal(name, TEXT("retry-after")))
            retry_after_read(&after, name, value);
    return retry_after_wait_ms(&after, wall_ms);
}

bool fetch_run(const struct fetch *fetch, struct arena *arena, int *out_status,
               struct text *out_body, struct error *err)
{
    struct fetch_reply reply;

    if (!fetch_reply(fetch, arena, &reply, err))
        return false;
    *out_status = reply.status;
    *out_body = reply.body;
    return true;
}
