/* Headers that a browser sends: a cookie among others, and what codings it takes. What is read of
 * them lies inside of them. */
#include "base/check.h"
#include "gateway/browser.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {(const char *)data, size};
    struct http_header headers[] = {{TEXT("cookie"), text}, {TEXT("accept-encoding"), text}};
    const struct http_request request = {.headers = headers, .header_count = 2};
    struct text secret = browser_secret(&request);

    CHECK(secret.len == 0 ||
          (secret.at >= text.at && secret.at + secret.len <= text.at + text.len));
    CHECK(text_find_byte(secret, ';') == secret.len);
    CHECK(browser_bears(&request) == (secret.len > 0));
    CHECK(!http_takes_gzip(&request) || size >= strlen("gzip"));
    return 0;
}
