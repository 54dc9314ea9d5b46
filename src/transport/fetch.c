#include "transport/fetch.h"

#include "base/buffer.h"
#include "base/check.h"

#include <curl/curl.h>

enum { BODY_BYTES_MAX = 512 * 1024 * 1024 };

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
    struct buffer *body = context;

    if (body->len + size * count > BODY_BYTES_MAX)
        return 0;
    buffer_put(body, (struct text){bytes, size * count});
    return size * count;
}

static struct curl_slist *headers_of(const struct fetch *fetch, struct arena *arena)
{
    struct curl_slist *headers = NULL;

    if (fetch->body.len > 0)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    if (fetch->bearer != NULL)
        headers = curl_slist_append(
            headers, arena_printf(arena, "Authorization: Bearer %s", fetch->bearer).at);
    return headers;
}

bool fetch_run(const struct fetch *fetch, struct arena *arena, int *out_status,
               struct text *out_body, struct error *err)
{
    struct buffer body = buffer_in(arena);
    struct curl_slist *headers = headers_of(fetch, arena);
    CURL *easy = curl_easy_init();
    CURLcode result;
    long status = 0;

    CHECK(easy != NULL);
    curl_easy_setopt(easy, CURLOPT_URL, fetch->url);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, fetch->method);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, fetch->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
    if (fetch->socket_path != NULL)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, fetch->socket_path);
    if (fetch->body.len > 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, fetch->body.at);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)fetch->body.len);
    }
    result = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    if (result != CURLE_OK)
        return error_set(err, ERROR_UPSTREAM_UNREACHABLE, NULL, "no answer from %s: %s",
                         fetch->socket_path != NULL ? fetch->socket_path : fetch->url,
                         curl_easy_strerror(result));
    *out_status = (int)status;
    *out_body = buffer_text(&body);
    return true;
}
