#include "unit.h"

#include "telemetry/gzip.h"

#include <zlib.h>

TEST(a_body_comes_back_as_it_was)
{
    struct arena arena = {0};
    struct buffer body = buffer_in(&arena), small = buffer_in(&arena);
    char back[65536];
    z_stream stream = {0};

    for (int i = 0; body.len < sizeof back - 64; i++)
        buffer_printf(&body, "{\"key\":\"gen_ai.request.model\",\"n\":%d},", i);
    buffer_put(&small, TEXT("before"));
    EXPECT(gzip_put(&small, buffer_text(&body)));
    EXPECT(small.len < body.len / 4);
    EXPECT(memcmp(small.at, "before\x1f\x8b", 8) == 0);
    EXPECT(inflateInit2(&stream, 15 + 16) == Z_OK);
    stream.next_in = (Bytef *)small.at + 6;
    stream.avail_in = (uInt)small.len - 6;
    stream.next_out = (Bytef *)back;
    stream.avail_out = sizeof back;
    EXPECT(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    EXPECT(text_equal((struct text){back, stream.total_out}, buffer_text(&body)));
    inflateEnd(&stream);
    arena_release(&arena);
}

TEST(nothing_is_a_body_too)
{
    struct arena arena = {0};
    struct buffer small = buffer_in(&arena);

    EXPECT(gzip_put(&small, TEXT("")));
    EXPECT(small.len > 0);
    arena_release(&arena);
}
