/* The JSON Schemas of the files that authors write, for editors that are to know them wherever they
 * are. They change with the program only, so each is made once. */
#include "base/check.h"
#include "config/shape.h"
#include "gateway/paths.h"

#include <pthread.h>

static struct {
    struct text path, etag, body;
} known[SHAPE_FILE_COUNT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_all(void)
{
    static struct arena arena; /* for as long as the process lives */

    for (int file = 0; file < SHAPE_FILE_COUNT; file++) {
        struct buffer out = buffer_in(&arena);

        shape_write((enum shape_file)file, &out);
        known[file].path =
            arena_printf(&arena, "/schema/%s.json", shape_file_name((enum shape_file)file));
        known[file].body = buffer_text(&out);
        known[file].etag = etag_of(&arena, known[file].body);
    }
}

void file_schemas_serve(struct request *request)
{
    CHECK(pthread_once(&once, make_all) == 0);
    for (int file = 0; file < SHAPE_FILE_COUNT; file++)
        if (text_equal(request->http.path, known[file].path)) {
            request_reply_tagged(request, TEXT("application/schema+json"), known[file].etag,
                                 known[file].body);
            return;
        }
    error_set(&request->error, ERROR_ROUTE_NOT_FOUND, NULL, "there is no schema at this path");
    error_hint(&request->error, "there are /schema/endpoint.json, /schema/routing.json, "
                                "/schema/tests.json and /schema/config.json");
    request_refuse(request);
}
