"""The city's server: takes signed grants over MQTT and answers the crime center."""
