//! Where traces go, if they go anywhere.

use reqwest::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use url::{Url, form_urlencoded};

use super::source::Source;
use super::value::{http_url, is_loopback, list};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";

/// What the exporter itself says.
const OURS: [HeaderName; 5] = [
    CONNECTION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    HOST,
    TRANSFER_ENCODING,
];

/// Where traces go, and how many.
#[derive(Debug, Clone)]
pub struct Traces {
    /// The collector, with the path for traces.
    pub url: Url,
    /// What the collector wants to be told with every batch. The values are secret and marked so.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What the proxy is called there.
    pub service_name: String,
    /// The share of requests and pieces of work that are traced, from 0 to 1.
    pub ratio: f64,
}

impl Traces {
    /// None when nothing is to be exported. What is wrong is noted in the source.
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        // Without a collector the others are of no use, and of no harm.
        let endpoint = source.value(ENDPOINT)?;
        let url = source.check(ENDPOINT, endpoint_url(&endpoint));
        let headers = match source.given(HEADERS) {
            Some(text) => source.check(HEADERS, headers(&text)),
            None => Some(Vec::new()),
        };
        let service_name = source.value("OTEL_SERVICE_NAME");
        let ratio = source.parsed("OTEL_TRACES_SAMPLER_ARG", ratio);
        let traces = Self {
            url: url?,
            headers: headers?,
            service_name: service_name?,
            ratio: ratio?,
        };
        let in_the_clear = traces.url.scheme() == "http" && !is_loopback(&traces.url);
        if in_the_clear && !traces.headers.is_empty() {
            source.warning(HEADERS, "go to the collector unencrypted");
        }
        Some(traces)
    }
}

/// The address that spans are posted to, under the collector's.
fn endpoint_url(text: &str) -> Result<Url, String> {
    let mut url = http_url(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a query or a fragment".to_owned());
    }
    let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

/// `name=value,name=value`, the values percent-encoded where they have to be.
fn headers(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let mut headers = Vec::new();
    for (place, item) in list(text).enumerate() {
        // By its place: what stands there may be a value without a name.
        let wrong = |message: &str| format!("item {} {message}", place + 1);
        let (name, value) = item
            .split_once('=')
            .ok_or_else(|| wrong("must be a name, = and a value"))?;
        let name = HeaderName::from_bytes(name.trim().as_bytes())
            .map_err(|_| wrong("must have the name of a header"))?;
        if OURS.contains(&name) {
            return Err(wrong("has a name that only the exporter may use"));
        }
        let mut value = HeaderValue::from_str(&percent_decoded(value.trim()))
            .map_err(|_| wrong("must have a value that a header can hold"))?;
        value.set_sensitive(true);
        headers.push((name, value));
    }
    if headers.is_empty() {
        return Err("holds no header".to_owned());
    }
    Ok(headers)
}

fn percent_decoded(text: &str) -> String {
    // In a form these two would mean something else.
    let text = text.replace('+', "%2B").replace('&', "%26");
    let form = format!("={text}");
    let mut pairs = form_urlencoded::parse(form.as_bytes());
    pairs
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn ratio(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => Err("must be a number from 0 to 1, for instance 0.1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// What was read and the variables that are warned of, or those that are wrong.
    fn read(variables: &[(&str, &str)]) -> Result<(Option<Traces>, Vec<String>), Vec<String>> {
        let environment = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).into())
        };
        let mut source = Source::new(BTreeMap::new(), &environment);
        let traces = Traces::read(&mut source);
        let problems = source.take_problems();
        let printed = format!("{problems} {traces:?}");
        assert!(!printed.contains("CANARY"), "{printed}");
        let problems: Vec<_> = problems.iter().map(|one| one.variable.clone()).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let warnings = source.take_warnings().into_iter();
        Ok((traces, warnings.map(|one| one.variable).collect()))
    }

    #[test]
    fn nothing_is_exported_unless_there_is_a_collector() {
        let others = [
            (HEADERS, "CANARY"),
            ("OTEL_SERVICE_NAME", "bank"),
            ("OTEL_TRACES_SAMPLER_ARG", "many"),
        ];
        assert!(read(&[]).unwrap().0.is_none());
        assert!(read(&others).unwrap().0.is_none());
        let traces = read(&[(ENDPOINT, "http://127.0.0.1:4318")]);
        let traces = traces.unwrap().0.unwrap();
        assert_eq!(traces.service_name, "mono-connect-proxy");
        assert!(traces.headers.is_empty());
        assert!((traces.ratio - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_path_for_traces_comes_under_the_collectors() {
        for (endpoint, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
            (
                "https://a.example/otlp/",
                "https://a.example/otlp/v1/traces",
            ),
        ] {
            let traces = read(&[(ENDPOINT, endpoint)]).unwrap().0.unwrap();
            assert_eq!(traces.url.as_str(), expected);
        }
        for wrong in [
            "CANARY.example:4318",
            "grpc://CANARY.example",
            "https://CANARY:CANARY@a.example",
            "https://a.example/?key=CANARY",
            "https://a.example/#CANARY",
        ] {
            assert_eq!(
                read(&[(ENDPOINT, wrong)]).unwrap_err(),
                [ENDPOINT],
                "{wrong}"
            );
        }
    }

    #[test]
    fn headers_are_secret_and_checked() {
        let headers = |text| read(&[(ENDPOINT, "https://a.example"), (HEADERS, text)]);
        let (traces, _) = headers("authorization=Basic%20CANARY+/==, x-tenant=CANARY").unwrap();
        let read_headers: Vec<_> = traces
            .unwrap()
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let expected = [
            ("authorization", "Basic CANARY+/=="),
            ("x-tenant", "CANARY"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read_headers, expected);
        for wrong in [
            ",",
            "CANARY",
            "a b=CANARY",
            "=CANARY",
            "x=CANARY%0A",
            "Content-Type=CANARY",
            "host=CANARY",
            "x=1,CANARY",
        ] {
            assert_eq!(headers(wrong).unwrap_err(), [HEADERS], "{wrong}");
        }
    }

    #[test]
    fn headers_in_the_clear_are_warned_of() {
        let warned = |endpoint| read(&[(ENDPOINT, endpoint), (HEADERS, "a=b")]).unwrap().1;
        assert_eq!(warned("http://collector:4318"), [HEADERS]);
        assert_eq!(warned("http://localhost:4318"), [""; 0]);
        assert_eq!(warned("https://collector.example"), [""; 0]);
    }

    #[test]
    fn a_share_is_from_none_to_all() {
        let name = "OTEL_TRACES_SAMPLER_ARG";
        let ratio = |text| read(&[(ENDPOINT, "https://a.example"), (name, text)]);
        for right in ["0", "0.25", "1", "1.0"] {
            assert!(ratio(right).is_ok(), "{right}");
        }
        for wrong in ["-0.1", "1.1", "NaN", "CANARY", "50%"] {
            assert_eq!(ratio(wrong).unwrap_err(), [name], "{wrong}");
        }
    }
}
