//! A wire between an app and its database that can be cut.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    wire: Arc<Wire>,
}

struct Wire {
    open: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Before the server of a URL such as `postgres://postgres@127.0.0.1:5432/postgres`.
    pub(crate) fn before(url: &str) -> Proxy {
        let target =
            url.split(['@', '/']).find(|part| part.contains(':') && !part.ends_with(':')).unwrap();
        let target = target.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wire = Arc::new(Wire { open: AtomicBool::new(true), streams: Mutex::default() });
        let shared = wire.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.open.load(Ordering::SeqCst)
                    && let Ok(server) = TcpStream::connect(&target)
                {
                    shared.join(client, server);
                }
            }
        });
        Proxy { address, wire }
    }

    /// Ends every connection, and lets none through.
    pub(crate) fn cut(&self) {
        self.wire.open.store(false, Ordering::SeqCst);
        for stream in self.wire.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn restore(&self) {
        self.wire.open.store(true, Ordering::SeqCst);
    }
}

impl Wire {
    fn join(&self, client: TcpStream, server: TcpStream) {
        for (from, to) in [(&client, &server), (&server, &client)] {
            let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            std::thread::spawn(move || {
                let mut buffer = [0; 16 << 10];
                while let Ok(read) = from.read(&mut buffer) {
                    if read == 0 || to.write_all(&buffer[..read]).is_err() {
                        break;
                    }
                }
                let _ = to.shutdown(Shutdown::Both);
            });
        }
        self.streams.lock().unwrap().extend([client, server]);
    }
}
