//! Which addresses outside the API are used. KSeF hands them out, but whoever could tamper with an answer must not be able to
//! point this client at the network it runs in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ksef_offline_core::environment::{Environment, EnvironmentKind};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::is_loopback;
use crate::error::ClientError;

/// The two policies. Closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Addresses {
    /// The Ministry's environments: `https`, and only to addresses of the public internet.
    Public,
    /// A simulator or a mirror of one's own: `https` to anywhere, and `http` on this machine.
    Any,
}

impl Addresses {
    pub(super) fn of(environment: &Environment) -> Self {
        match environment.kind() {
            EnvironmentKind::Custom => Self::Any,
            _ => Self::Public,
        }
    }

    /// Checks an address as it is written: scheme, no user name, and the host where it is a number.
    ///
    /// # Errors
    /// [`ClientError::Contract`] for what is no address, [`ClientError::InsecureAddress`].
    pub(super) fn check(self, address: &str) -> Result<Url, ClientError> {
        let url = Url::parse(address).map_err(|_| ClientError::Contract {
            what: "an upload or download address",
        })?;
        let safe = match (self, url.scheme()) {
            (Self::Any, "https") => url.has_host(),
            (Self::Any, "http") => is_loopback(&url),
            (Self::Public, "https") => match url.host() {
                Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
                Some(Host::Ipv4(address)) => is_public(address.into()),
                Some(Host::Ipv6(address)) => is_public(address.into()),
                None => false,
            },
            _ => false,
        };
        if safe && url.username().is_empty() && url.password().is_none() {
            Ok(url)
        } else {
            Err(ClientError::InsecureAddress)
        }
    }

    /// Makes a client refuse names that lead into a private network. Where a proxy stands between, it resolves the names,
    /// and its own name may well be a private one.
    pub(super) fn guard(
        self,
        builder: reqwest::ClientBuilder,
        has_proxy: bool,
    ) -> reqwest::ClientBuilder {
        let from_environment = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
            .into_iter()
            .any(|name| std::env::var_os(name).is_some());
        if self == Self::Public && !has_proxy && !from_environment {
            builder.dns_resolver(Arc::new(PublicNames))
        } else {
            builder
        }
    }
}

/// Resolves names as the system does, and refuses those that lead to no public address.
struct PublicNames;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().all(|address| is_public(address.ip())) {
                let addresses: Addrs = Box::new(found.into_iter());
                Ok(addresses)
            } else {
                Err(PrivateAddress.into())
            }
        })
    }
}

/// A name that leads into a private network.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
pub(super) struct PrivateAddress;

/// Whether an address belongs to the public internet. Addresses that carry an IPv4 address inside are judged by it.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The special-purpose blocks of the IANA registry (RFC 6890) are not public.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // Mapped and compatible addresses, loopback and the unspecified address among the latter.
        [0, 0, 0, 0, 0, 0xFFFF | 0, high, low] | [0x64, 0xFF9B, 0, 0, 0, 0, high, low] => {
            embedded(high, low)
        }
        // 6to4.
        [0x2002, high, low, ..] => embedded(high, low),
        [0x2001, 0xDB8, ..] => false,
        // Teredo, and what is reserved beside it.
        [0x2001, second, ..] if second < 0x200 => false,
        // Global unicast is 2000::/3 so far; unique local, link-local and multicast lie outside.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulator_may_be_anywhere_by_https_and_on_this_machine_without() {
        for good in [
            "https://storage.example/part?sig=x",
            "https://10.0.0.1/part",
            "http://127.0.0.1:5000/upload/1",
            "http://localhost/u",
            "http://[::1]:1/u",
        ] {
            assert!(Addresses::Any.check(good).is_ok(), "{good}");
        }
        for bad in [
            "http://storage.example/part",
            "http://10.0.0.1/part",
            "http://localhost.example/part",
            "ftp://storage.example/part",
            "https://user:pw@storage.example/part",
            "file:///etc/passwd",
        ] {
            for policy in [Addresses::Any, Addresses::Public] {
                assert!(
                    matches!(policy.check(bad), Err(ClientError::InsecureAddress)),
                    "{bad}"
                );
            }
        }
        assert!(matches!(
            Addresses::Any.check("part"),
            Err(ClientError::Contract { .. })
        ));
    }

    #[test]
    fn the_ministrys_environments_send_nothing_into_a_private_network() {
        for good in [
            "https://storage.example/part?sig=x",
            "https://20.50.2.1/part",
            "https://[2603:1020:206::1]/part",
        ] {
            assert!(Addresses::Public.check(good).is_ok(), "{good}");
        }
        for bad in [
            "http://127.0.0.1:5000/upload/1",
            "https://127.0.0.1/part",
            "https://2130706433/part",
            "https://0x7f.1/part",
            "https://localhost/part",
            "https://x.localhost/part",
            "https://0.0.0.0/part",
            "https://10.1.2.3/part",
            "https://172.16.0.1/part",
            "https://192.168.1.1/part",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/part",
            "https://198.18.0.1/part",
            "https://224.0.0.1/part",
            "https://255.255.255.255/part",
            "https://[::1]/part",
            "https://[::]/part",
            "https://[::ffff:10.0.0.1]/part",
            "https://[64:ff9b::a00:1]/part",
            "https://[2002:a00:1::]/part",
            "https://[fd00::1]/part",
            "https://[fe80::1]/part",
            "https://[ff02::1]/part",
            "https://[2001:db8::1]/part",
        ] {
            assert!(
                matches!(
                    Addresses::Public.check(bad),
                    Err(ClientError::InsecureAddress)
                ),
                "{bad}"
            );
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_refused_when_it_is_resolved() {
        let resolved = PublicNames.resolve("localhost".parse().unwrap()).await;
        let error = resolved.err().expect("localhost is not public");
        assert!(error.is::<PrivateAddress>(), "{error}");
    }
}
