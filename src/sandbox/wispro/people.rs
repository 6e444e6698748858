//! The clients of the sandbox: made from a seed, as messy as real ones.

use serde_json::{Value, json};

const NAMES: [&str; 16] = [
    "Ana",
    "Luis",
    "María José",
    "Carlos",
    "Yusbely",
    "Wilmer",
    "Ñáñez",
    "José",
    "Carmen",
    "Jesús",
    "Rosa",
    "Pedro",
    "Yolanda",
    "Ángel",
    "Xiomara",
    "Héctor",
];
const FAMILIES: [&str; 12] = [
    "Pérez",
    "González",
    "Rodríguez",
    "Núñez",
    "Díaz",
    "Hernández",
    "Muñoz",
    "Blanco",
    "Márquez",
    "Rojas",
    "Peña",
    "Suárez",
];
const ZONES: [&str; 8] = [
    "Centro",
    "La Candelaria",
    "El Limón",
    "Turmero",
    "Cagua",
    "San José",
    "Palo Negro",
    "Ña Rosa",
];

/// Which clients there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// How many.
    pub clients: u32,
    /// Another one gives other people.
    pub seed: u64,
    /// Whether some are as they are typed by tired staff.
    pub messy: bool,
    /// One of so many has moved to another address; 0: none.
    pub moved_every: u32,
}

impl Default for Population {
    fn default() -> Self {
        Self { clients: 250, seed: 1, messy: true, moved_every: 0 }
    }
}

impl Population {
    /// The client at a place, from 0.
    pub fn client(&self, at: u32) -> Value {
        let number = self.cedula(at);
        let pick = |list: &[&'static str], salt: u64| {
            let at = usize::try_from(self.hash(at, salt)).unwrap_or(0) % list.len().max(1);
            list.get(at).copied().unwrap_or_default()
        };
        let (name, family) = (pick(&NAMES, 1), pick(&FAMILIES, 2));
        let house = if self.moved(at) { 9000 + at } else { at % 200 };
        let mut client = json!({
            "id": self.id(at),
            "public_id": 100 + at,
            "custom_id": format!("A-{at}"),
            "name": format!("{name} {family}"),
            "email": format!("cliente{at}.{}@example.com", self.seed),
            "phone": null,
            "phone_mobile": format!("0424{:07}", self.hash(at, 3) % 10_000_000),
            "phone_mobile_verified": false,
            "address": format!("Av. {}, casa {house}", 1 + at % 40),
            "city": "Maracay",
            "state": "Aragua",
            "zone_name": pick(&ZONES, 4),
            "neighborhood_id": null,
            "national_identification_number": format!("V-{number}"),
            "taxpayer_identification_number": null,
            "details": "V",
            "kind_person": "other",
            "link_mobile_login": format!("https://login.example/canary-link-{at}"),
            "created_at": "2021-02-23T14:45:58.152-04:00",
            "updated_at": "2025-01-02T10:00:00.000-04:00",
        });
        if self.messy {
            self.mess(at, number, &mut client);
        }
        client
    }

    /// The client's id: in no order that anything else has.
    pub fn id(&self, at: u32) -> String {
        let hash = self.hash(at, 5);
        format!("{:08x}-0000-4000-8000-{at:012}", hash & 0xffff_ffff)
    }

    fn moved(&self, at: u32) -> bool {
        self.moved_every > 0 && at.is_multiple_of(self.moved_every)
    }

    /// A number of its own.
    fn cedula(&self, at: u32) -> u64 {
        6_000_000 + u64::from(at) * 7 + self.seed % 7
    }

    /// What real lists have, each in its own rhythm.
    fn mess(&self, at: u32, number: u64, client: &mut Value) {
        let mut set = |name: &str, value: Value| {
            if let Some(members) = client.as_object_mut() {
                members.insert(name.to_owned(), value);
            }
        };
        let cedula = "national_identification_number";
        match at % 100 {
            3 => set(cedula, json!(format!("v{}", dotted(number)))),
            5 => set(cedula, json!(number.to_string())),
            7 => set(cedula, json!(number)),
            11 => set(cedula, json!(format!("E-8{:07}", at))),
            13 => set(cedula, Value::Null),
            17 if at >= 100 => set(cedula, json!(format!("V {}", self.cedula(at - 1)))),
            19 => set("email", json!("no tiene")),
            23 if at >= 100 => {
                set("email", json!(format!("CLIENTE{}.{}@Example.com", at - 1, self.seed)));
            }
            29 => set("email", json!(format!("x{at}@example.com; y{at}@example.com"))),
            31 => set("email", Value::Null),
            37 => set("name", json!("  ")),
            41 => set("name", json!("A".repeat(5000))),
            43 => set("name", json!("Zoe\u{202e}\u{0}\n\tPérez <script>")),
            47 => {
                set("zone_name", Value::Null);
                set("zone", json!({ "id": 4, "name": "Anidada" }));
            }
            53 => {
                set("address", json!(""));
                set("street", json!("Calle 5"));
                set("number", json!(12));
            }
            59 => set("public_id", json!("como texto")),
            61 => set("id", Value::Null),
            67 => set(cedula, json!("PENDIENTE")),
            71 => set(cedula, json!(["una", "lista"])),
            _ => {}
        }
    }

    /// Scattered bits of a place; splitmix64.
    fn hash(&self, at: u32, salt: u64) -> u64 {
        let mut z = self.seed.wrapping_mul(31).wrapping_add(salt).wrapping_mul(0x9e37_79b9)
            ^ u64::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// `12345678` as `12.345.678`.
fn dotted(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}
