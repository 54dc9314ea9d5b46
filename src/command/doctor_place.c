/* Where the store is: who else may read it, what file system it is on, and how much room is left.
 */
#include "command/doctor.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

enum { DISK_WARN_BYTES = 1 << 30, DISK_ERROR_BYTES = 64 << 20 };

struct kind_of_disk {
    unsigned long magic;
    const char *why; /* it is no place for a store */
};
static const struct kind_of_disk poor_kinds[] = {
    {TMPFS_MAGIC, "it is in memory (tmpfs): everything is gone with the next start"},
    {RAMFS_MAGIC, "it is in memory (ramfs): everything is gone with the next start"},
    {OVERLAYFS_SUPER_MAGIC, "it is a container's own layer: everything is gone with the container"},
    {NFS_SUPER_MAGIC, "it is on another machine (NFS): locks and durability are not certain"},
    {SMB_SUPER_MAGIC, "it is on another machine (SMB): locks and durability are not certain"},
    {CIFS_SUPER_MAGIC, "it is on another machine (SMB): locks and durability are not certain"},
    {SMB2_SUPER_MAGIC, "it is on another machine (SMB): locks and durability are not certain"},
    {V9FS_MAGIC, "it is on another machine (9P): locks and durability are not certain"},
    {FUSE_SUPER_MAGIC, "it is a file system in user space: durability is not certain"},
};

static void look_at_kind(struct doctor *doctor, const char *folder)
{
    struct statfs disk;

    if (statfs(folder, &disk) != 0)
        return;
    for (size_t i = 0; i < sizeof poor_kinds / sizeof *poor_kinds; i++)
        if ((unsigned long)disk.f_type == poor_kinds[i].magic) {
            doctor_find(doctor, "file system", DOCTOR_WARNING,
                        "set 'store' to a folder on a disk of this machine", "%s",
                        poor_kinds[i].why);
            return;
        }
    doctor_find(doctor, "file system", DOCTOR_OK, NULL, "a disk of this machine");
}

static void look_at_room(struct doctor *doctor, const char *folder)
{
    struct statvfs disk;
    uint64_t left;

    if (statvfs(folder, &disk) != 0)
        return;
    left = (uint64_t)disk.f_bavail * disk.f_frsize;
    doctor_find(doctor, "disk space",
                left < DISK_ERROR_BYTES  ? DOCTOR_ERROR
                : left < DISK_WARN_BYTES ? DOCTOR_WARNING
                                         : DOCTOR_OK,
                left < DISK_WARN_BYTES ? "make room: without any, new work is refused" : NULL,
                "%.1f GiB left", (double)left / (1 << 30));
}

/* Whether nobody but its owner may do anything with it; true when it is not there. */
static bool is_private(struct doctor *doctor, struct text path, const char *what)
{
    struct text terminated = arena_copy(doctor->arena, path);
    struct stat file;

    if (stat(terminated.at, &file) != 0)
        return errno == ENOENT || errno == ENOTDIR;
    if ((file.st_mode & 077) == 0)
        return true;
    doctor_find(doctor, "permissions", DOCTOR_ERROR,
                arena_printf(doctor->arena, "chmod go= %.*s", TEXT_ARG(path)).at,
                "%s is open to others: %.*s has mode %04o", what, TEXT_ARG(path),
                (unsigned)file.st_mode & 07777);
    return false;
}

static bool is_private_in_store(struct doctor *doctor, const char *name, const char *what)
{
    return is_private(
        doctor, arena_printf(doctor->arena, "%.*s/%s", TEXT_ARG(doctor->settings.store), name),
        what);
}

static void look_at_permissions(struct doctor *doctor)
{
    const struct settings *settings = &doctor->settings;
    bool good = is_private(doctor, settings->store, "the store");

    good &= is_private_in_store(doctor, "data.mdb", "the store's data");
    good &= is_private_in_store(doctor, "token.key", "the key of all tokens");
    good &= is_private_in_store(doctor, "audit.key", "the key of the audit log");
    good &= is_private(doctor, settings_backups(settings, settings->store, doctor->arena),
                       "the folder of backups");
    if (settings->admin.path.len > 0)
        good &= is_private(doctor, settings->admin.path, "the admin socket");
    if (settings->master_key.len > 0)
        good &= is_private(doctor, settings->master_key, "the master key");
    if (settings->key.len > 0)
        good &= is_private(doctor, settings->key, "the certificate's key");
    if (good)
        doctor_find(doctor, "permissions", DOCTOR_OK, NULL, "nobody else can read what is secret");
}

void doctor_place(struct doctor *doctor)
{
    const char *folder = arena_terminated(doctor->arena, doctor->settings.store);
    struct stat there;

    if (stat(folder, &there) != 0)
        return;
    look_at_permissions(doctor);
    look_at_room(doctor, folder);
    look_at_kind(doctor, folder);
}
