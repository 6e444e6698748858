//! Personal data as logs may show it: enough to recognise, too little to use.

/// An e-mail address: its first letter and its domain (`a…@x.com`).
pub fn mask_email(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((name, domain)) if !domain.is_empty() => {
            let first: String = name.chars().take(1).collect();
            format!("{first}…@{domain}")
        }
        _ => "…".to_owned(),
    }
}

/// The number of an identity document or a telephone: its last three
/// characters (`…900`); a number that short is hidden whole.
pub fn mask_number(number: &str) -> String {
    let length = number.chars().count();
    if length <= 3 {
        return "…".to_owned();
    }
    format!("…{}", number.chars().skip(length - 3).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (email, masked) in [
            ("ana@x.com", "a…@x.com"),
            ("çida.souza@empresa.com.br", "ç…@empresa.com.br"),
            ("\"a@b\"@x.com", "\"…@x.com"),
            ("@x.com", "…@x.com"),
            ("ana@", "…"),
            ("ana", "…"),
            ("", "…"),
        ] {
            assert_eq!(mask_email(email), masked, "{email}");
        }
    }

    #[test]
    fn numbers() {
        for (number, masked) in
            [("123.456.789-00", "…-00"), ("V-12345678", "…678"), ("123", "…"), ("", "…")]
        {
            assert_eq!(mask_number(number), masked, "{number}");
        }
    }
}
