#include "dashboard/files.h"

#include "unit.h"

#include <stdlib.h>
#include <zlib.h>

TEST(the_first_file_is_the_page_and_the_rest_lies_in_one_folder)
{
    const struct dashboard_file *page = dashboard_file_at(0), *file;
    size_t root = strlen("/dashboard/assets/0123456789abcdef/");

    if (page == NULL) { /* built without it */
        EXPECT(dashboard_file_find(TEXT("/dashboard/")) == NULL);
        return;
    }
    EXPECT_TEXT(page->path, "/dashboard/");
    EXPECT_TEXT(page->type, "text/html; charset=utf-8");
    EXPECT(dashboard_file_find(page->path) == page);
    EXPECT(dashboard_file_find(TEXT("/dashboard/assets/")) == NULL);
    for (size_t i = 1; (file = dashboard_file_at(i)) != NULL; i++) {
        EXPECT(file->path.len > root);
        EXPECT(
            text_equal(text_first(file->path, root), text_first(dashboard_file_at(1)->path, root)));
        EXPECT(dashboard_file_find(file->path) == file);
        EXPECT(text_find(page->body, TEXT("assets/")) < page->body.len);
    }
}

TEST(what_is_compressed_is_the_same_and_smaller)
{
    const struct dashboard_file *file;

    for (size_t i = 0; (file = dashboard_file_at(i)) != NULL; i++) {
        unsigned char *plain = malloc(file->body.len + 1);
        z_stream stream = {.next_in = (unsigned char *)(uintptr_t)file->gzip.at,
                           .avail_in = (unsigned)file->gzip.len,
                           .next_out = plain,
                           .avail_out = (unsigned)file->body.len + 1};

        EXPECT(file->etag.len > 2 && file->etag.at[0] == '"' && text_ends(file->etag, TEXT("\"")));
        EXPECT(file->gzip.len < file->body.len);
        if (file->gzip.len > 0) {
            EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
            EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
            EXPECT_EQ(stream.total_out, file->body.len);
            EXPECT_EQ(memcmp(plain, file->body.at, file->body.len), 0);
            inflateEnd(&stream);
        }
        free(plain);
    }
}
