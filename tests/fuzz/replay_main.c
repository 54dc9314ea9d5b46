/* Runs a fuzz target over files instead of invented inputs, so that every seed and every finding
 * stays covered by builds without libFuzzer. Each argument is a file or a folder of files, taken in
 * the order of their names; each input lies in a heap block of exactly its size, so that a
 * sanitizer sees a read behind its end. Without a single input it fails: a test that ran nothing is
 * no test. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_ROOM = 4096, INPUT_BYTES_MAX = 64 << 20 };

static void fail(const char *path, const char *why)
{
    fprintf(stderr, "replay: '%s': %s\n", path, why);
    exit(2);
}

static void replay_file(const char *path, size_t bytes)
{
    uint8_t *data = malloc(bytes ? bytes : 1);
    FILE *file = fopen(path, "rb");

    if (file == NULL || data == NULL)
        fail(path, strerror(errno));
    if (fread(data, 1, bytes, file) != bytes)
        fail(path, "is shorter than its size says");
    fclose(file);
    fprintf(stderr, "%s (%zu bytes)\n", path, bytes);
    LLVMFuzzerTestOneInput(data, bytes);
    free(data);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static size_t replay(const char *path);

static size_t replay_folder(const char *path)
{
    struct dirent **entries;
    int found = scandir(path, &entries, is_visible, alphasort);
    size_t count = 0;

    if (found < 0)
        fail(path, strerror(errno));
    for (int i = 0; i < found; i++) {
        char inner[PATH_ROOM];
        int len = snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);

        if (len < 0 || len >= PATH_ROOM)
            fail(path, "the path is too long");
        if (entries[i]->d_type != DT_DIR)
            count += replay(inner);
        free(entries[i]);
    }
    free(entries);
    return count;
}

static size_t replay(const char *path)
{
    struct stat stat_of;

    if (stat(path, &stat_of) != 0)
        fail(path, strerror(errno));
    if (S_ISDIR(stat_of.st_mode))
        return replay_folder(path);
    if (stat_of.st_size > INPUT_BYTES_MAX)
        fail(path, "is larger than 64 MiB");
    replay_file(path, (size_t)stat_of.st_size);
    return 1;
}

int main(int count, char **arguments)
{
    size_t inputs = 0;

    for (int i = 1; i < count; i++)
        inputs += replay(arguments[i]);
    if (inputs == 0)
        fail(count > 1 ? arguments[1] : "", "no input; give files or folders of them");
    printf("%zu inputs\n", inputs);
    return 0;
}
