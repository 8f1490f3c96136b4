//! What usually listens on a port.

/// The usual service of a TCP port, as developers meet them; `None` for most.
///
/// ```
/// assert_eq!(carafe_net::service_name(5432), Some("postgresql"));
/// ```
pub fn service_name(port: u16) -> Option<&'static str> {
    let at = TABLE.binary_search_by_key(&port, |(port, _)| *port).ok()?;
    Some(TABLE[at].1)
}

/// In the order of ports.
const TABLE: &[(u16, &str)] = &[
    (7, "echo"),
    (20, "ftp data"),
    (21, "ftp"),
    (22, "ssh"),
    (23, "telnet"),
    (25, "smtp"),
    (53, "dns"),
    (80, "http"),
    (88, "kerberos"),
    (110, "pop3"),
    (111, "rpcbind"),
    (135, "windows rpc"),
    (139, "netbios"),
    (143, "imap"),
    (389, "ldap"),
    (443, "https"),
    (445, "smb"),
    (465, "smtps"),
    (514, "syslog"),
    (515, "lpd printing"),
    (548, "afp"),
    (587, "mail submission"),
    (631, "ipp printing"),
    (636, "ldaps"),
    (853, "dns over tls"),
    (873, "rsync"),
    (990, "ftps"),
    (993, "imaps"),
    (995, "pop3s"),
    (1080, "socks"),
    (1433, "sql server"),
    (1521, "oracle"),
    (1883, "mqtt"),
    (2049, "nfs"),
    (2181, "zookeeper"),
    (2375, "docker"),
    (2376, "docker over tls"),
    (2379, "etcd"),
    (2380, "etcd peers"),
    (3000, "web development"),
    (3128, "squid"),
    (3306, "mysql"),
    (3389, "remote desktop"),
    (4200, "angular"),
    (4222, "nats"),
    (4317, "opentelemetry"),
    (4318, "opentelemetry"),
    (4369, "erlang"),
    (4444, "selenium"),
    (5000, "flask, airplay"),
    (5037, "adb"),
    (5060, "sip"),
    (5173, "vite"),
    (5353, "mdns"),
    (5355, "llmnr"),
    (5432, "postgresql"),
    (5601, "kibana"),
    (5671, "amqps"),
    (5672, "amqp"),
    (5900, "vnc"),
    (5984, "couchdb"),
    (6006, "storybook"),
    (6379, "redis"),
    (6443, "kubernetes"),
    (7000, "airplay"),
    (8000, "web development"),
    (8025, "mailpit"),
    (8080, "http proxy"),
    (8086, "influxdb"),
    (8123, "clickhouse"),
    (8200, "vault"),
    (8443, "https alternative"),
    (8500, "consul"),
    (8888, "jupyter"),
    (9000, "minio, php-fpm"),
    (9042, "cassandra"),
    (9090, "prometheus"),
    (9092, "kafka"),
    (9200, "elasticsearch"),
    (9300, "elasticsearch peers"),
    (9418, "git"),
    (10250, "kubelet"),
    (11211, "memcached"),
    (11434, "ollama"),
    (15672, "rabbitmq management"),
    (25565, "minecraft"),
    (27017, "mongodb"),
    (51820, "wireguard"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_knows_the_usual() {
        assert!(TABLE.is_sorted_by(|one, next| one.0 < next.0));
        let check = |port, name| assert_eq!(service_name(port), name, "{port}");
        check(22, Some("ssh"));
        check(443, Some("https"));
        check(27017, Some("mongodb"));
        check(51820, Some("wireguard"));
        check(0, None);
        check(8001, None);
        check(65535, None);
    }
}
