//! A reader of pages without a browser: cookies, forms, nothing else.

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};

use crate::harness::{Answer, Client};

/// Somebody with a browser.
#[derive(Clone)]
pub(super) struct Reader {
    client: Client,
    address: String,
    pub(super) cookies: BTreeMap<String, String>,
}

impl Reader {
    pub(super) fn new(client: &Client) -> Self {
        let address = client.address();
        Self { client: client.anonymous(), address, cookies: BTreeMap::new() }
    }

    /// One who has signed in with the client's own token.
    pub(super) async fn signed_in(client: &Client) -> Self {
        let mut reader = Self::new(client);
        let answer = reader.sign_in(&client.bearer()).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{}", answer.text);
        reader
    }

    pub(super) async fn sign_in(&mut self, token: &str) -> Answer {
        let page = self.get("/dashboard/sign-in").await;
        self.post("/dashboard/sign-in", &[("form", &form(&page)), ("token", token)]).await
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    /// Sends a form as the page's own origin.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.address);
        self.send(Method::POST, path, Some(fields), &[(ORIGIN.as_str(), &origin)]).await
    }

    /// Sends a form of the page at `from`, with its token.
    pub(super) async fn submit(
        &mut self,
        from: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let page = self.get(from).await;
        assert_eq!(page.status, 200, "{from}: {}", page.text);
        let token = form(&page);
        let all = [&[("form", token.as_str()), ("to", from)], fields].concat();
        self.post(path, &all).await
    }

    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        fields: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let mut request = self.client.request(method, path);
        request = request.header(COOKIE, cookies.collect::<Vec<_>>().join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(fields) = fields {
            let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(pairs.collect::<Vec<_>>().join("&"));
        }
        let answer = self.client.send(request).await.unwrap();
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            assert!(text.contains("SameSite=Strict") && text.contains("HttpOnly"), "{text}");
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// The token of the forms of a page.
pub(super) fn form(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("name=\"form\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

/// As forms and addresses write it.
pub(super) fn encoded(text: &str) -> String {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let one = |byte: u8| {
        if sound(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(one).collect()
}
