#include "telemetry/gzip.h"

#include <limits.h>
#include <zlib.h>

/* Of 15 bits of window, with a head and a tail of gzip around it. */
enum { WINDOW_BITS = 15 + 16, MEMORY_LEVEL = 8 };

bool gzip_put(struct buffer *out, struct text body)
{
    z_stream stream = {0};
    size_t most;
    bool done;

    if (body.len > UINT_MAX / 2 || deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS,
                                                MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    most = deflateBound(&stream, body.len);
    stream.next_in = (Bytef *)(uintptr_t)body.at; /* it is only read */
    stream.avail_in = (uInt)body.len;
    stream.next_out = (Bytef *)buffer_reserve(out, most);
    stream.avail_out = (uInt)most;
    done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    if (done)
        out->len += stream.total_out;
    deflateEnd(&stream);
    return done;
}
