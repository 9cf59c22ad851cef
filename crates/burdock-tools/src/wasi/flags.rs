//! Names of WASI's constants, by their numbers.

/// Returns flags by name, `A|B`, with unnamed bits in hexadecimal. If most flags are set, those
/// that are not are named: `all`, `all-A-B`.
pub(super) fn show(value: u64, names: &[&str]) -> String {
    let all = (1 << names.len()) - 1;
    let missing = all & !value;
    if value & !all == 0 && value.count_ones() > 6 && missing.count_ones() < value.count_ones() {
        let missing = names.iter().enumerate().filter(|(bit, _)| missing >> bit & 1 == 1);
        let missing: Vec<String> = missing.map(|(_, name)| format!("-{name}")).collect();
        return format!("all{}", missing.concat());
    }
    let mut words: Vec<String> = Vec::new();
    let mut rest = value;
    for (bit, name) in names.iter().enumerate() {
        if value >> bit & 1 == 1 {
            words.push((*name).into());
            rest &= !(1 << bit);
        }
    }
    if rest != 0 || words.is_empty() {
        words.push(if rest == 0 { "0".into() } else { format!("{rest:#x}") });
    }
    words.join("|")
}

#[rustfmt::skip]
pub(super) const ERRNO: &[&str] = &[
    "SUCCESS", "2BIG", "ACCES", "ADDRINUSE", "ADDRNOTAVAIL", "AFNOSUPPORT", "AGAIN", "ALREADY", "BADF", "BADMSG", "BUSY",
    "CANCELED", "CHILD", "CONNABORTED", "CONNREFUSED", "CONNRESET", "DEADLK", "DESTADDRREQ", "DOM", "DQUOT", "EXIST", "FAULT",
    "FBIG", "HOSTUNREACH", "IDRM", "ILSEQ", "INPROGRESS", "INTR", "INVAL", "IO", "ISCONN", "ISDIR", "LOOP", "MFILE", "MLINK",
    "MSGSIZE", "MULTIHOP", "NAMETOOLONG", "NETDOWN", "NETRESET", "NETUNREACH", "NFILE", "NOBUFS", "NODEV", "NOENT", "NOEXEC",
    "NOLCK", "NOLINK", "NOMEM", "NOMSG", "NOPROTOOPT", "NOSPC", "NOSYS", "NOTCONN", "NOTDIR", "NOTEMPTY", "NOTRECOVERABLE",
    "NOTSOCK", "NOTSUP", "NOTTY", "NXIO", "OVERFLOW", "OWNERDEAD", "PERM", "PIPE", "PROTO", "PROTONOSUPPORT", "PROTOTYPE",
    "RANGE", "ROFS", "SPIPE", "SRCH", "STALE", "TIMEDOUT", "TXTBSY", "XDEV", "NOTCAPABLE",
];

pub(super) const CLOCK: &[&str] = &["REALTIME", "MONOTONIC", "PROCESS_CPUTIME", "THREAD_CPUTIME"];
pub(super) const WHENCE: &[&str] = &["SET", "CUR", "END"];
pub(super) const WHENCE_UNSTABLE: &[&str] = &["CUR", "END", "SET"];
pub(super) const ADVICE: &[&str] =
    &["NORMAL", "SEQUENTIAL", "RANDOM", "WILLNEED", "DONTNEED", "NOREUSE"];
pub(super) const FILETYPE: &[&str] = &[
    "UNKNOWN",
    "BLOCK_DEVICE",
    "CHARACTER_DEVICE",
    "DIRECTORY",
    "REGULAR_FILE",
    "SOCKET_DGRAM",
    "SOCKET_STREAM",
    "SYMBOLIC_LINK",
];
pub(super) const LOOKUP: &[&str] = &["SYMLINK_FOLLOW"];
pub(super) const OFLAGS: &[&str] = &["CREAT", "DIRECTORY", "EXCL", "TRUNC"];
pub(super) const FDFLAGS: &[&str] = &["APPEND", "DSYNC", "NONBLOCK", "RSYNC", "SYNC"];
pub(super) const FSTFLAGS: &[&str] = &["ATIM", "ATIM_NOW", "MTIM", "MTIM_NOW"];
pub(super) const RIFLAGS: &[&str] = &["PEEK", "WAITALL"];
pub(super) const SDFLAGS: &[&str] = &["RD", "WR"];

#[rustfmt::skip]
pub(super) const RIGHTS: &[&str] = &[
    "fd_datasync", "fd_read", "fd_seek", "fd_fdstat_set_flags", "fd_sync", "fd_tell", "fd_write", "fd_advise", "fd_allocate",
    "path_create_directory", "path_create_file", "path_link_source", "path_link_target", "path_open", "fd_readdir",
    "path_readlink", "path_rename_source", "path_rename_target", "path_filestat_get", "path_filestat_set_size",
    "path_filestat_set_times", "fd_filestat_get", "fd_filestat_set_size", "fd_filestat_set_times", "path_symlink",
    "path_remove_directory", "path_unlink_file", "poll_fd_readwrite", "sock_shutdown", "sock_accept",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_shown_by_name() {
        assert_eq!(show((1 << RIGHTS.len()) - 1, RIGHTS), "all");
        assert_eq!(show(0x1fff_ffff, RIGHTS), "all-sock_accept");
        for (value, shown) in [(0, "0"), (5, "CREAT|EXCL"), (0x11, "CREAT|0x10"), (0x20, "0x20")] {
            assert_eq!(show(value, OFLAGS), shown);
        }
        assert_eq!(ERRNO[44], "NOENT");
        assert_eq!(ERRNO[76], "NOTCAPABLE");
    }
}
