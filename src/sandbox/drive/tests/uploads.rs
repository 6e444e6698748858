//! Uploads.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::SHARED_DRIVE;
use super::{ALL, Rig, got};

pub(super) const NAMES: [&str; 5] = [
    "uploadType=multipart",
    "uploadType=media",
    "parts are multiples of 256 KiB",
    "308 and Range",
    "a session that is gone is 404",
];

/// Rows: `uploadType=multipart`; `uploadType=media`.
#[tokio::test]
async fn a_file_comes_at_once() {
    let rig = Rig::new().await;
    let about = json!({"name": "a.bin", "parents": [SHARED_DRIVE]});
    let mut body = format!("--xyz\r\nContent-Type: application/json\r\n\r\n{about}\r\n--xyz\r\nContent-Type: image/png\r\n\r\n").into_bytes();
    body.extend([0, 255, 13, 10, 45, 45, 120]);
    body.extend(b"\r\n--xyz--\r\n");
    let path = format!("/upload/drive/v3/files?{ALL}&uploadType=multipart&fields=id,size,mimeType");
    let request = rig.request(Method::POST, &path);
    let made = got(request.header("content-type", "multipart/related; boundary=xyz").body(body))
        .await
        .ok();
    assert_eq!((&made["size"], &made["mimeType"]), (&json!("7"), &json!("image/png")));
    let id = made["id"].as_str().unwrap();
    let path = format!("/upload/drive/v3/files/{id}?{ALL}&uploadType=media&fields=size");
    let request = rig.request(Method::PATCH, &path).header("content-type", "text/plain");
    assert_eq!(got(request.body("new")).await.ok()["size"], "3");
    let media = rig.request(Method::GET, &format!("/drive/v3/files/{id}?{ALL}&alt=media"));
    assert_eq!(media.send().await.unwrap().text().await.unwrap(), "new");
    let broken = rig.request(Method::POST, "/upload/drive/v3/files?uploadType=multipart");
    assert_eq!(got(broken.body("x")).await.status, 400);
}

/// Rows: `parts are multiples of 256 KiB`; `308 and Range`; `a session that is gone is
/// 404`.
#[tokio::test]
async fn a_large_file_comes_in_parts() {
    const PART: usize = 256 * 1024;
    let rig = Rig::new().await;
    let path = format!("/upload/drive/v3/files?{ALL}&uploadType=resumable&fields=id,size,name");
    let about = json!({"name": "big.bin", "parents": [SHARED_DRIVE]});
    let begun = rig.request(Method::POST, &path).json(&about).send().await.unwrap();
    let session = begun.headers()["location"].to_str().unwrap().to_owned();
    let put = |range: String, bytes: usize| {
        rig.client.put(&session).header("content-range", range).body(vec![b'x'; bytes]).send()
    };
    let total = PART + 10;
    assert_eq!(put(format!("bytes 0-9/{total}"), 10).await.unwrap().status(), 400);
    let asked = put(format!("bytes */{total}"), 0).await.unwrap();
    assert_eq!((asked.status().as_u16(), asked.headers().get("range")), (308, None));
    let more = put(format!("bytes 0-{}/{total}", PART - 1), PART).await.unwrap();
    assert_eq!(more.status(), 308);
    assert_eq!(more.headers()["range"], format!("bytes=0-{}", PART - 1).as_str());
    let done = put(format!("bytes {PART}-{}/{total}", total - 1), 10).await.unwrap();
    assert_eq!(done.status(), 200);
    let made: Value = done.json().await.unwrap();
    assert_eq!((&made["name"], &made["size"]), (&json!("big.bin"), &json!(total.to_string())));
    assert_eq!(put(format!("bytes */{total}"), 0).await.unwrap().status(), 404);
}
