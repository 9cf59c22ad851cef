//! The functions of `wasi_snapshot_preview1` with their parameters, as in witx.

use super::flags;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A parameter of a function.
#[derive(Clone, Debug)]
pub(super) struct Param {
    pub(super) name: &'static str,
    pub(super) kind: ParamKind,
    /// `true` if the argument is the address of a result.
    pub(super) out: bool,
}

/// The kind of a parameter.
#[derive(Clone, Copy, Debug)]
pub(super) enum ParamKind {
    Int,
    Signed,
    U8,
    Fd,
    /// An address whose contents are not shown.
    Ptr,
    /// Address and length of a string.
    Str,
    /// Address and length of a buffer that the function writes to.
    Buf,
    /// Address and number of buffers to read into.
    Iovs,
    /// Address and number of buffers to write.
    Ciovs,
    /// One of these names, by number.
    Name(&'static [&'static str]),
    /// Any of these names, by bit.
    Flags(&'static [&'static str]),
}

impl ParamKind {
    /// Returns the number of WebAssembly arguments of the parameter.
    pub(super) fn width(self) -> usize {
        if matches!(self, Self::Str | Self::Buf | Self::Iovs | Self::Ciovs) { 2 } else { 1 }
    }

    /// Returns the size in bytes of the parameter as a result.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Signed => 8,
            Self::U8 => 1,
            _ => 4,
        }
    }

    fn parse(word: &str) -> Self {
        match word {
            "int" => Self::Int,
            "i64" => Self::Signed,
            "u8" => Self::U8,
            "fd" => Self::Fd,
            "str" => Self::Str,
            "buf" => Self::Buf,
            "iovs" => Self::Iovs,
            "ciovs" => Self::Ciovs,
            "clock" => Self::Name(flags::CLOCK),
            "whence" => Self::Name(flags::WHENCE),
            "advice" => Self::Name(flags::ADVICE),
            "lookup" => Self::Flags(flags::LOOKUP),
            "oflags" => Self::Flags(flags::OFLAGS),
            "fdflags" => Self::Flags(flags::FDFLAGS),
            "fstflags" => Self::Flags(flags::FSTFLAGS),
            "riflags" => Self::Flags(flags::RIFLAGS),
            "sdflags" => Self::Flags(flags::SDFLAGS),
            "rights" => Self::Flags(flags::RIGHTS),
            _ => Self::Ptr,
        }
    }
}

/// Returns the function with this name, and its parameters.
pub(super) fn params(name: &str) -> Option<(&'static str, &'static [Param])> {
    static PARAMS: LazyLock<HashMap<&'static str, Vec<Param>>> = LazyLock::new(|| {
        let parse = |word: &'static str| {
            let (name, kind) = word.split_once(':').unwrap_or((word, "ptr"));
            let out = kind.starts_with('>');
            Param { name, kind: ParamKind::parse(kind.trim_start_matches('>')), out }
        };
        FUNCS
            .iter()
            .map(|(name, params)| (*name, params.split_whitespace().map(parse).collect()))
            .collect()
    });
    PARAMS.get_key_value(name).map(|(name, params)| (*name, params.as_slice()))
}

/// `name:kind`, `>` before results; a parameter without a kind is an address.
#[rustfmt::skip]
pub(super) const FUNCS: &[(&str, &str)] = &[
    ("args_get", "argv argv_buf"),
    ("args_sizes_get", "argc:>int argv_buf_size:>int"),
    ("environ_get", "environ environ_buf"),
    ("environ_sizes_get", "count:>int buf_size:>int"),
    ("clock_res_get", "id:clock resolution:>i64"),
    ("clock_time_get", "id:clock precision:int time:>i64"),
    ("fd_advise", "fd:fd offset:int len:int advice:advice"),
    ("fd_allocate", "fd:fd offset:int len:int"),
    ("fd_close", "fd:fd"),
    ("fd_datasync", "fd:fd"),
    ("fd_fdstat_get", "fd:fd stat"),
    ("fd_fdstat_set_flags", "fd:fd flags:fdflags"),
    ("fd_fdstat_set_rights", "fd:fd rights_base:rights rights_inheriting:rights"),
    ("fd_filestat_get", "fd:fd stat"),
    ("fd_filestat_set_size", "fd:fd size:int"),
    ("fd_filestat_set_times", "fd:fd atim:int mtim:int flags:fstflags"),
    ("fd_pread", "fd:fd iovs:iovs offset:int nread:>int"),
    ("fd_prestat_get", "fd:fd prestat"),
    ("fd_prestat_dir_name", "fd:fd path:buf"),
    ("fd_pwrite", "fd:fd iovs:ciovs offset:int nwritten:>int"),
    ("fd_read", "fd:fd iovs:iovs nread:>int"),
    ("fd_readdir", "fd:fd buf:buf cookie:int used:>int"),
    ("fd_renumber", "fd:fd to:fd"),
    ("fd_seek", "fd:fd offset:i64 whence:whence position:>i64"),
    ("fd_sync", "fd:fd"),
    ("fd_tell", "fd:fd position:>i64"),
    ("fd_write", "fd:fd iovs:ciovs nwritten:>int"),
    ("path_create_directory", "fd:fd path:str"),
    ("path_filestat_get", "fd:fd flags:lookup path:str stat"),
    ("path_filestat_set_times", "fd:fd flags:lookup path:str atim:int mtim:int fst_flags:fstflags"),
    ("path_link", "fd:fd flags:lookup path:str new_fd:fd new_path:str"),
    ("path_open", "fd:fd dirflags:lookup path:str oflags:oflags rights_base:rights rights_inheriting:rights fdflags:fdflags opened:>fd"),
    ("path_readlink", "fd:fd path:str buf:buf used:>int"),
    ("path_remove_directory", "fd:fd path:str"),
    ("path_rename", "fd:fd path:str new_fd:fd new_path:str"),
    ("path_symlink", "target:str fd:fd path:str"),
    ("path_unlink_file", "fd:fd path:str"),
    ("poll_oneoff", "subscriptions events nsubscriptions:int nevents:>int"),
    ("proc_exit", "status:int"),
    ("proc_raise", "signal:int"),
    ("sched_yield", ""),
    ("random_get", "buf:buf"),
    ("sock_accept", "fd:fd flags:fdflags accepted:>fd"),
    ("sock_recv", "fd:fd iovs:iovs flags:riflags nread:>int roflags"),
    ("sock_send", "fd:fd iovs:ciovs flags:int nwritten:>int"),
    ("sock_shutdown", "fd:fd how:sdflags"),
];
