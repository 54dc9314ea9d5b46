#include "base/check.h"
#include "gateway/paths.h"

#include <openssl/evp.h>

struct text etag_of(struct arena *arena, struct text body)
{
    unsigned char digest[32];
    unsigned len = 0;

    CHECK(EVP_Digest(body.at, body.len, digest, &len, EVP_sha256(), NULL) == 1);
    return arena_printf(arena, "\"%02x%02x%02x%02x%02x%02x%02x%02x\"", digest[0], digest[1],
                        digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]);
}
